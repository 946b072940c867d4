package letter

func greeting(lang string) string {
	if lang == "zh" {
		return "{name}，您好！"
	}
	return "Hello {name},"
}

// kinds are all letters in one language, by their names in package job.
func kinds(lang string) map[string]words {
	if lang == "zh" {
		return chinese()
	}
	return english()
}

func english() map[string]words {
	const not = "If this was not you, somebody may know your password. Set a new one, and look at Settings, Sessions."
	return map[string]words{
		"verify": {subject: "Confirm your e-mail address for {site}",
			before: []string{"{email} was given as the e-mail address of your account {name} at {site}. Please confirm that it is yours:"},
			link:   "Confirm the address",
			after:  []string{"The link is good for three days. If you have no account there, somebody mistyped: do nothing, and you will hear no more."}},
		"change": {subject: "Confirm your new e-mail address for {site}",
			before: []string{"{email} is to become the e-mail address of your account {name} at {site}. Please confirm that it is yours:"},
			link:   "Confirm the new address",
			after:  []string{"The link is good for three days. Until then nothing changes. If it was not you who asked, do nothing."}},
		"changing": {subject: "Your e-mail address at {site} is being changed",
			before: []string{"Somebody who knows your password is changing the e-mail address of your account {name} at {site} ({where}). The new one has yet to be confirmed.",
				"If it was you, there is nothing to do here. If it was not, this brings this address back, ends every session, and lets you set a new password:"},
			link:  "It was not me: undo it",
			after: []string{"The link is good for three days."}},
		"reset": {subject: "Set a new password for {site}",
			before: []string{"Somebody, hopefully you, asked to set a new password for your account {name} at {site}:"},
			link:   "Set a new password",
			after:  []string{"The link is good for one hour, once. If it was not you, do nothing: your password stays as it is."}},
		"device": {subject: "New sign-in to {site}",
			before: []string{"Your account {name} at {site} was signed in to with a device that was not used before: {where}.", not}},
		"password": {subject: "Your password at {site} was changed",
			before: []string{"The password of your account {name} at {site} was changed: {where}. All other sessions, and what apps were allowed, have ended.",
				"If this was not you, set a new password at once with “Forgot password?” on the sign-in page."}},
		"one_step": {subject: "Signing in to {site} takes one step now",
			before: []string{"Signing in with two factors was switched off for your account {name} at {site}: {where}. The password alone is enough now.", not}},
		"passkey": {subject: "A passkey was added to your account at {site}",
			before: []string{"A passkey that signs in to your account {name} at {site} was added: {where}.", not}},
		"identity": {subject: "Another way to sign in to {site}",
			before: []string{"Your account {name} at {site} was connected to an account elsewhere, which signs you in from now on: {where}. Settings, Account shows which one.", not}},
		"unlinked": {subject: "One way fewer to sign in to {site}",
			before: []string{"An account elsewhere was disconnected from your account {name} at {site}, and signs you in no longer: {where}.", not}},
		"test": {subject: "A test from {site}",
			before: []string{"This letter shows that {site} can send mail."}},
	}
}

func chinese() map[string]words {
	const not = "如果不是您本人操作，可能有人知道了您的密码。请设置新密码，并查看“设置”中的“会话”。"
	return map[string]words{
		"verify": {subject: "请确认您在 {site} 的电子邮箱",
			before: []string{"您在 {site} 的账号 {name} 填写了电子邮箱 {email}。请确认这是您的邮箱："},
			link:   "确认邮箱",
			after:  []string{"链接三天内有效。如果您在那里没有账号，那是有人填错了：无需理会，您不会再收到邮件。"}},
		"change": {subject: "请确认您在 {site} 的新电子邮箱",
			before: []string{"您在 {site} 的账号 {name} 将改用电子邮箱 {email}。请确认这是您的邮箱："},
			link:   "确认新邮箱",
			after:  []string{"链接三天内有效。在确认之前什么都不会改变。如果不是您本人操作，无需理会。"}},
		"changing": {subject: "您在 {site} 的电子邮箱正在更改",
			before: []string{"有人知道您的密码，正在更改您在 {site} 的账号 {name} 的电子邮箱（{where}）。新邮箱尚待确认。",
				"如果是您本人操作，无需理会。如果不是，点此恢复这个邮箱，结束所有会话，并设置新密码："},
			link:  "不是我：撤销更改",
			after: []string{"链接三天内有效。"}},
		"reset": {subject: "设置您在 {site} 的新密码",
			before: []string{"有人（但愿是您）请求为您在 {site} 的账号 {name} 设置新密码："},
			link:   "设置新密码",
			after:  []string{"链接一小时内有效，只能使用一次。如果不是您本人操作，无需理会：密码不会改变。"}},
		"device": {subject: "有新设备登录 {site}",
			before: []string{"有一台从未用过的设备登录了您在 {site} 的账号 {name}：{where}。", not}},
		"password": {subject: "您在 {site} 的密码已更改",
			before: []string{"您在 {site} 的账号 {name} 的密码已更改：{where}。所有其他会话以及应用的授权都已结束。",
				"如果不是您本人操作，请立即在登录页面点击“忘记密码？”设置新密码。"}},
		"one_step": {subject: "登录 {site} 现在只需一步",
			before: []string{"您在 {site} 的账号 {name} 已关闭双重验证：{where}。现在只需密码即可登录。", not}},
		"passkey": {subject: "您在 {site} 的账号添加了通行密钥",
			before: []string{"您在 {site} 的账号 {name} 添加了一个可用于登录的通行密钥：{where}。", not}},
		"identity": {subject: "登录 {site} 的新方式",
			before: []string{"您在 {site} 的账号 {name} 已与另一个网站的账号关联，今后可用它登录：{where}。您可以在“设置”的“账号”中查看。", not}},
		"unlinked": {subject: "登录 {site} 的方式少了一种",
			before: []string{"您在 {site} 的账号 {name} 已取消与另一个网站账号的关联，今后不能再用它登录：{where}。", not}},
		"test": {subject: "来自 {site} 的测试邮件",
			before: []string{"这封信说明 {site} 可以发送邮件。"}},
	}
}
