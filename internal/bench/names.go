package bench

import (
	"fmt"
	"iter"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tintype/tintype/internal/tintype"
)

// crowd is people with made-up names in several scripts. As in life a few given names and
// family names are borne by many and most by few (Zipf), and usernames are made of names and digits.
type crowd struct {
	ids       []tintype.ID
	usernames []string
	names     []string
}

// script makes names that look like those of one script.
type script struct {
	share         int // of a hundred people
	given, family []string
	space         string // between the two
	familyFirst   bool
}

// letters are what syllables are made of.
type letters struct{ onset, vowel, coda []string }

func split(s string) []string { return strings.Split(s, " ") }

// newCrowd makes n people, the same ones each time.
func newCrowd(n int, now time.Time, shards []tintype.Shard) *crowd {
	r := rand.New(rand.NewPCG(11, 12))
	latin := letters{
		split("b br c ch d dr f g gr h j k kl l m n p pr r s sh st t th tr v w y z m n s k l r j"),
		split("a e i o u a e i o a e ai ea ia ie é ö ü ou"),
		split(" n l r s n r th m t ck nd rt ns ll"),
	}
	cyrillic := letters{split("б в г д ж з к л м н п р с т х ч ш ст вл др"), split("а е и о у я ю ё"), split(" н л р в с й м к")}
	arabic := letters{split("ب ت ج ح د ر س ش ع ف ق ك ل م ن ه"), split("ا و ي   "), split("  ن ر د م")}
	devanagari := letters{split("क ख ग च ज त द न प ब म य र ल व श स ह"), split("ा ि ी ु े ो  "), split("  न र म ल")}
	han := split("伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀 霞 平 刚 桂 英 华 文 辉 玉 兰 红 建 国 春 梅 雪 思 雨 子 轩 浩 然 宇 欣 怡 佳 嘉 俊 志 海 天 晨")
	kanji := split("山 田 佐 藤 鈴 木 高 橋 中 村 小 林 加 吉 松 本 井 上 清 水 石 川 前 岡 野 原 大 和 美 子 太 郎 健 一 真 由 香 直 樹 翔 陽 菜")
	hangul := split("김 이 박 최 정 강 조 윤 장 임 민 서 지 현 준 우 영 수 진 은 혜 미 경 성 호 연 아 하 나")
	scripts := []script{
		{share: 70, given: latin.words(r, 3000, 2, 3), family: latin.words(r, 60_000, 2, 4), space: " "},
		{share: 8, given: cyrillic.words(r, 600, 2, 3), family: cyrillic.words(r, 15_000, 2, 4), space: " "},
		{share: 4, given: arabic.words(r, 500, 2, 3), family: arabic.words(r, 5000, 2, 4), space: " "},
		{share: 3, given: devanagari.words(r, 500, 2, 3), family: devanagari.words(r, 5000, 2, 3), space: " "},
		{share: 8, given: joined(r, han, 2000), family: joined(r, han, 100), familyFirst: true},
		{share: 4, given: joined(r, kanji, 1500), family: joined(r, kanji, 1500), space: " ", familyFirst: true},
		{share: 3, given: joined(r, hangul, 800), family: hangul[:10], familyFirst: true},
	}
	first := now.Add(-1000 * 24 * time.Hour).UnixMilli()
	c := &crowd{}
	taken := make(map[string]bool, n)
	for i := range n {
		c.ids = append(c.ids, tintype.MakeID(first+int64(i)*80, shards[r.IntN(len(shards))], 1))
		at, pick := r.IntN(100), 0
		for ; at >= scripts[pick].share; pick++ {
			at -= scripts[pick].share
		}
		s := scripts[pick]
		given, family := zipf(r, s.given), zipf(r, s.family)
		if s.familyFirst {
			c.names = append(c.names, family+s.space+given)
		} else {
			c.names = append(c.names, title(given)+s.space+title(family))
		}
		if pick != 0 { // a username has Latin letters
			given, family = zipf(r, scripts[0].given), zipf(r, scripts[0].family)
		}
		c.usernames = append(c.usernames, username(r, plain(given), plain(family), taken))
	}
	return c
}

// words makes n words of some syllables.
func (l letters) words(r *rand.Rand, n, least, most int) []string {
	out := make([]string, n)
	for i := range out {
		var b strings.Builder
		for range least + r.IntN(most-least+1) {
			b.WriteString(l.onset[r.IntN(len(l.onset))] + l.vowel[r.IntN(len(l.vowel))])
		}
		b.WriteString(l.coda[r.IntN(len(l.coda))])
		out[i] = b.String()
	}
	return out
}

// joined makes n words of two characters, or sometimes one.
func joined(r *rand.Rand, chars []string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = chars[r.IntN(len(chars))]
		if r.IntN(4) > 0 {
			out[i] += chars[r.IntN(len(chars))]
		}
	}
	return out
}

// zipf picks one of list, the first ones often: the k-th about as often as 1/(k+10).
func zipf(r *rand.Rand, list []string) string {
	return list[rand.NewZipf(r, 1.05, 10, uint64(len(list)-1)).Uint64()]
}

func title(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:size]) + s[size:]
}

func plain(s string) string { return strings.NewReplacer("é", "e", "ö", "o", "ü", "u").Replace(s) }

// username makes one that nobody has yet.
func username(r *rand.Rand, given, family string, taken map[string]bool) string {
	forms := []string{given + "." + family, given + "_" + family, given + family, given, given[:1] + "." + family}
	name := forms[r.IntN(len(forms))]
	for digits := r.IntN(3) * 10; taken[name]; digits *= 10 {
		digits = max(digits, 10)
		name = fmt.Sprintf("%s%d", forms[r.IntN(len(forms))], r.IntN(digits))
	}
	taken[name] = true
	return name
}

// members gives them as they are loaded.
func (c *crowd) members() iter.Seq[*tintype.Member] {
	return func(yield func(*tintype.Member) bool) {
		for i, id := range c.ids {
			at := id.Time()
			m := &tintype.Member{Skeleton: c.usernames[i], Seen: at,
				Account: tintype.Account{UserID: id, PasswordHash: "x", State: 1, Locale: "en", Created: at},
				User:    tintype.User{ID: id, Username: c.usernames[i], FullName: c.names[i]}}
			if !yield(m) {
				return
			}
		}
	}
}

// weight is how early somebody comes in results: few have many followers.
func weight(u *tintype.User) int {
	return bits.TrailingZeros64(uint64(u.ID)*0x9e3779b97f4a7c15>>20 | 1<<20)
}

// ask gives something that people type who look for one of the crowd: a beginning of a name, or
// a name or two with a letter mistyped.
func (c *crowd) ask(r *rand.Rand) (q string, mistyped bool) {
	i := r.IntN(len(c.ids))
	list := strings.Fields(strings.ToLower(c.names[i]))
	if r.IntN(4) == 0 {
		list = []string{c.usernames[i]}
	}
	if r.IntN(2) == 0 {
		w := []rune(list[r.IntN(len(list))])
		return string(w[:min(len(w), 2+r.IntN(len(w)))]), false
	}
	for k := range list {
		if w := []rune(list[k]); len(w) >= 5 {
			list[k] = slip(r, w)
			if r.IntN(2) == 0 {
				return list[k], true
			}
			return strings.Join(list, " "), true
		}
	}
	return strings.Join(list, " "), false // too short, or of a script without letters to mistype
}

// slip mistypes a word, behind its first letter.
func slip(r *rand.Rand, w []rune) string {
	at, other := 1+r.IntN(len(w)-2), w[r.IntN(len(w))]
	switch r.IntN(4) {
	case 0:
		w = slices.Delete(w, at, at+1)
	case 1:
		w = slices.Insert(w, at, other)
	case 2:
		w[at] = other
	default:
		w[at], w[at+1] = w[at+1], w[at]
	}
	return string(w)
}
