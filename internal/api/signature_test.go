package api

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// The vectors are those of the original's documentation.
const (
	vectorSecret = "6dc1787668c64c939929c17683d7cb74"
	vectorToken  = "fb2e77d.47a0479900504cb3ab4a1f626d174d2d"
	vectorSelf   = "cbf5a1f41db44412506cb6563a3218b50f45a710c7a8a65a3e9b18315bb338bf"
	vectorMedia  = "260634b241a6cfef5e4644c205fb30246ff637591142781b86e2075faf1b163a"
	vectorIP     = "7e3c45bc34f56fd8e762ee4590a53c8c2bbce27e967a85484712e5faa0191688"
)

func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	sign := func(path string, kv ...string) string {
		v := url.Values{}
		for i := 0; i < len(kv); i += 2 {
			v.Add(kv[i], kv[i+1])
		}
		text, ok := signedParameters(v)
		if !ok {
			t.Fatal(kv)
		}
		return hexHMAC(vectorSecret, path+text)
	}
	if got := sign("/users/self", "access_token", vectorToken); got != vectorSelf {
		t.Error(got)
	}
	if got := sign("/media/657988443280050001_25025320", "count", "10", "access_token", vectorToken); got != vectorMedia {
		t.Error(got)
	}
	if got := hexHMAC(vectorSecret, "200.15.1.1"); got != vectorIP {
		t.Error(got)
	}
}

func TestSignatureOf(t *testing.T) {
	t.Parallel()
	hash := func(text string) string { return hexHMAC(vectorSecret, text) }
	media := "/v1/media/657988443280050001_25025320?access_token=" + vectorToken + "&count=10"
	for _, tt := range []struct {
		name   string
		target string
		form   string
		header []string
		secret string
		want   signature
	}{
		{name: "none", target: media, want: unsigned},
		{name: "right", target: media + "&sig=" + vectorMedia, want: rightly},
		{name: "parameters in another order", target: "/v1/media/657988443280050001_25025320?sig=" + vectorMedia + "&count=10&access_token=" + vectorToken, want: rightly},
		{name: "of another call", target: media + "&sig=" + vectorSelf, want: wrongSig},
		{name: "two, the second is right, as the python library", target: media + "&sig=" + vectorSelf + "&sig=" + vectorMedia, want: rightly},
		{name: "two wrong ones", target: media + "&sig=" + vectorSelf + "&sig=" + vectorSelf, want: wrongSig},
		{name: "one parameter more", target: media + "&max_id=7&sig=" + vectorMedia, want: wrongSig},
		{name: "another count", target: strings.Replace(media, "10", "11", 1) + "&sig=" + vectorMedia, want: wrongSig},
		{name: "a parameter with two values", target: media + "&count=11&sig=" + vectorMedia, want: wrongSig},
		{name: "upper case", target: media + "&sig=" + strings.ToUpper(vectorMedia), want: wrongSig},
		{name: "cut", target: media + "&sig=" + vectorMedia[:32], want: wrongSig},
		{name: "empty", target: media + "&sig=", want: wrongSig},
		{name: "another secret", target: media + "&sig=" + vectorMedia, secret: "other", want: wrongSig},
		{name: "no secret is known", target: media + "&sig=" + hexHMAC("", "x"), secret: "-", want: wrongSig},
		{name: "with .json", target: "/v1/users/self.json?access_token=a&sig=" + hash("/users/self.json|access_token=a"), want: rightly},
		{name: "with .json, signed without", target: "/v1/users/self.json?access_token=a&sig=" + hash("/users/self|access_token=a"), want: wrongSig},
		{name: "with a slash", target: "/v1/users/self/?access_token=a&sig=" + hash("/users/self/|access_token=a"), want: rightly},
		{name: "values are signed as they are", target: "/v1/users/search?access_token=a&q=caf%C3%A9+%26&sig=" + hash("/users/search|access_token=a|q=café &"), want: rightly},
		{name: "an escaped path", target: "/v1/tags/caf%C3%A9?access_token=a&sig=" + hash("/tags/caf%C3%A9|access_token=a"), want: rightly},
		{name: "its path as it reads", target: "/v1/tags/caf%C3%A9?access_token=a&sig=" + hash("/tags/café|access_token=a"), want: rightly},
		{name: "a form", target: "/v1/media/1/comments", form: "access_token=a&text=hi&sig=" + hash("/media/1/comments|access_token=a|text=hi"), want: rightly},
		{name: "query and form", target: "/v1/media/1/comments?access_token=a&sig=" + hash("/media/1/comments|access_token=a|text=hi"), form: "text=hi", want: rightly},
		{name: "the query alone", target: "/v1/media/1/comments?access_token=a&sig=" + hash("/media/1/comments|access_token=a"), form: "text=hi", want: rightly},
		{name: "a form for another path", target: "/v1/media/2/comments?access_token=a&sig=" + hash("/media/1/comments|access_token=a"), form: "text=hi", want: wrongSig},
		{name: "header", target: "/v1/media/1/likes?access_token=a", header: []string{"200.15.1.1|" + vectorIP}, want: rightly},
		{name: "header of two addresses", target: "/v1/media/1/likes", header: []string{"200.15.1.1,131.51.1.35|" + hash("200.15.1.1,131.51.1.35")}, want: rightly},
		{name: "header of another address", target: "/v1/media/1/likes", header: []string{"200.15.1.2|" + vectorIP}, want: wrongHeader},
		{name: "header without a bar", target: "/v1/media/1/likes", header: []string{vectorIP}, want: wrongHeader},
		{name: "header of nothing", target: "/v1/media/1/likes", header: []string{"|" + hash("")}, want: wrongHeader},
		{name: "header twice", target: "/v1/media/1/likes", header: []string{"200.15.1.1|" + vectorIP, "200.15.1.1|" + vectorIP}, want: wrongHeader},
		{name: "wrong sig, right header", target: media + "&sig=" + vectorSelf, header: []string{"200.15.1.1|" + vectorIP}, want: rightly},
	} {
		method := http.MethodGet
		var form url.Values
		if tt.form != "" {
			method = http.MethodPost
			var err error
			if form, err = url.ParseQuery(tt.form); err != nil {
				t.Fatal(err)
			}
		}
		r := httptest.NewRequest(method, tt.target, nil)
		for _, h := range tt.header {
			r.Header.Add("X-Insta-Forwarded-For", h)
		}
		secret := vectorSecret
		switch tt.secret {
		case "-":
			secret = ""
		case "":
		default:
			secret = tt.secret
		}
		if got := signatureOf(r, r.URL.Query(), form, secret); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}
