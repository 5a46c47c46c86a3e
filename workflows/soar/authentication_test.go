package soar_test

import (
	"strings"
	"testing"

	"harrier/workflows/soar"
)

func auth(spf, dkim, dmarc, compauth soar.AuthResult) soar.Authentication {
	return soar.Authentication{SPF: spf, DKIM: dkim, DMARC: dmarc, CompAuth: compauth}
}

func TestAuthenticationDetailsAreNeverAPassByAccident(t *testing.T) {
	const pass, fail, none = soar.AuthPass, soar.AuthFail, soar.AuthNotEvaluated
	all := auth(fail, fail, fail, fail)
	for details, want := range map[string]soar.Authentication{
		``:     {},
		" \n":  {},
		`null`: {},
		`{}`:   {},
		`[]`:   {},
		`{"SPF":"pass","DKIM":"none","DMARC":"fail","CompAuth":"fail"}`:                         auth(pass, none, fail, fail),
		`{"SPF":" Pass ","DKIM":"PASS","DMARC":"Fail"}`:                                         auth(pass, pass, fail, none),
		`{"spf":"fail","dkim":"fail","Dmarc":"fail","COMPAUTH":"pass"}`:                         auth(fail, fail, fail, pass),
		`{"SPF":"softfail","DKIM":"permerror","DMARC":"reject","CompAuth":"fail (reason=001)"}`: all,
		`{"SPF":["fail"],"DKIM":["pass","fail"],"DMARC":["pass"],"CompAuth":[]}`:                auth(fail, fail, pass, none),
		`{"SPF":{"result":"fail"},"DMARC":{"result":"pass","domain":"evil.test"}}`:              auth(fail, none, fail, none),
		`{"SPF":true,"DKIM":1,"DMARC":null,"CompAuth":"passed"}`:                                auth(fail, fail, none, fail),
		`[{"SPF":"fail","DMARC":"fail"}]`:                                                       auth(fail, none, fail, none),
		`[{"SPF":"pass"},{"SPF":"none","DMARC":"pass"}]`:                                        auth(none, none, pass, none),
		`{"SPF":"fail","SPF":"pass","DMARC":"pass","dmarc":"fail"}`:                             auth(fail, none, fail, none),
		`{"SPF":"pass","spf":"none"}`:                                                           {},
		`SPF=pass;DMARC=pass`:                                                                   all,
		`"pass"`:                                                                                all,
		`{"SPF":"pass","DMARC":"pass"} x`:                                                       all,
		`{"SPF":"pass"}{"DMARC":"pass"}`:                                                        all,
		`{"SPF":"pass"`:                                                                         all,
		`{"result":"pass"}`:                                                                     all,
		`[{"method":"SPF","result":"pass"}]`:                                                    all,
		`["pass"]`:                                                                              all,
		strings.Repeat("[", 100) + strings.Repeat("]", 100):                                     all,
		`{"SPF":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`:                   all,
	} {
		if got := soar.ParseAuthentication(details); got != want {
			t.Errorf("ParseAuthentication(%s) = %+v; want %+v", details, got, want)
		}
	}
}

func TestACheckWithoutAResultIsNoPassAndYetAnAttempt(t *testing.T) {
	for _, word := range []string{"bestguesspass", "softpass", "neutral", "temperror", "timeout"} {
		got := soar.ParseAuthentication(`{"SPF":"` + word + `","DKIM":"` + word + `","DMARC":"` + word + `","CompAuth":"` + word + `"}`)
		if got != (soar.Authentication{Tried: true}) || !got.Evaluated() || got.Failed() != nil {
			t.Errorf("%s is %+v; want neither pass nor fail, and tried", word, got)
		}
	}
	for _, word := range []string{"none", "unknown", "", "NotEvaluated", "bypass", "skipped"} {
		if got := soar.ParseAuthentication(`{"SPF":"` + word + `"}`); got.Evaluated() {
			t.Errorf("%s is %+v; want not evaluated", word, got)
		}
	}
}

// A pass of a check needs its name and the word, and text with a fail-like word as
// a value of a check never gives only passes.
func FuzzAuthenticationIsNeverAPassByAccident(f *testing.F) {
	for _, s := range []string{
		``, `{}`, `null`, `{"SPF":"pass"}`, `{"DMARC":["pass",{"x":"fail"}]}`, `[{"spf":"PASS"}]`, `{"SPF":"pass","SPF":"fail"}`, `{"SPF":"pass"}\x00`, `{"DKIM":"softfail"}`, `[[[]]]`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, details string) {
		got := soar.ParseAuthentication(details)
		folded := strings.ToLower(details)
		for name, r := range map[string]soar.AuthResult{"spf": got.SPF, "dkim": got.DKIM, "dmarc": got.DMARC, "compauth": got.CompAuth} {
			written := strings.Contains(details, `\`) || strings.Contains(folded, name) && strings.Contains(folded, "pass")
			if r == soar.AuthPass && !written {
				t.Errorf("%s passes by %q", name, details)
			}
			wrapped := soar.ParseAuthentication(`[{"` + name + `":"fail"},` + details + `]`)
			if len(wrapped.Failed()) == 0 {
				t.Errorf("a fail of %s is lost beside %q", name, details)
			}
		}
		if strings.TrimSpace(details) == "" && got != (soar.Authentication{}) {
			t.Errorf("empty text is %+v", got)
		}
	})
}
