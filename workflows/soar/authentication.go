package soar

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// AuthResult is three-valued: a check passed, failed, or was not evaluated. A
// missing value is never a pass.
type AuthResult string

const (
	// AuthPass is a check that passed.
	AuthPass AuthResult = "pass"
	// AuthFail is a check that was made and did not pass, whatever it calls that.
	AuthFail AuthResult = "fail"
	// AuthNotEvaluated is a check that was not made, or came to no result.
	AuthNotEvaluated AuthResult = ""
)

// Authentication is EmailEvents.AuthenticationDetails.
type Authentication struct {
	SPF      AuthResult `json:"spf,omitempty"`
	DKIM     AuthResult `json:"dkim,omitempty"`
	DMARC    AuthResult `json:"dmarc,omitempty"`
	CompAuth AuthResult `json:"compauth,omitempty"`
	// Tried says that a check was begun and came to no result (neutral, a timeout):
	// no pass, and yet Exchange took the mail for one from outside.
	Tried bool `json:"tried,omitempty"`
}

// allFailed is what text says that is there and cannot be read.
var allFailed = Authentication{SPF: AuthFail, DKIM: AuthFail, DMARC: AuthFail, CompAuth: AuthFail}

// ParseAuthentication reads AuthenticationDetails, JSON text such as
// {"SPF":"pass","DKIM":"none","DMARC":"fail","CompAuth":"fail"}, with keys in any
// case, also inside a list. Of several values of one check the worst counts. Text
// that is there and cannot be read counts as four fails: it is never a pass, and
// never as if Exchange had not looked.
func ParseAuthentication(details string) Authentication {
	if strings.TrimSpace(details) == "" {
		return Authentication{}
	}
	d := json.NewDecoder(strings.NewReader(details))
	d.UseNumber()
	var r authReading
	err := r.document(d, 0)
	if err != nil || r.unread {
		return allFailed
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return allFailed
	}
	out := Authentication{SPF: r.worst("spf"), DKIM: r.worst("dkim"), DMARC: r.worst("dmarc"), CompAuth: r.worst("compauth")}
	out.Tried = r.tried
	return out
}

// authReading gathers the words that stand behind each check.
type authReading struct {
	words  map[string][]string
	tried  bool
	unread bool
}

// maxAuthDepth bounds nesting: the text comes from a log.
const maxAuthDepth = 8

var errNotAuthentication = errors.New("read authentication details: neither an object nor a list of objects")

// document reads an object of checks, or a list of such objects. It reads token by
// token, because a map would keep only the last of two keys of one name.
func (r *authReading) document(d *json.Decoder, depth int) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	switch t {
	case nil:
		return nil
	case json.Delim('{'):
		return r.object(d, depth)
	case json.Delim('['):
		for d.More() {
			if depth > maxAuthDepth {
				return errNotAuthentication
			}
			if err := r.document(d, depth+1); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return err
	}
	return errNotAuthentication
}

func (r *authReading) object(d *json.Decoder, depth int) error {
	members, known := 0, 0
	for ; d.More(); members++ {
		t, err := d.Token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		words, err := authWords(d, depth)
		if err != nil {
			return err
		}
		known += r.add(key, words)
	}
	r.unread = r.unread || members > 0 && known == 0
	_, err := d.Token()
	return err
}

// add files words under their check and says how many checks that is, 0 or 1.
func (r *authReading) add(key string, words []string) int {
	check := FoldASCII(strings.TrimSpace(key))
	switch check {
	case "spf", "dkim", "dmarc", "compauth":
	default:
		return 0
	}
	if r.words == nil {
		r.words = map[string][]string{}
	}
	r.words[check] = append(r.words[check], words...)
	for _, w := range words {
		r.tried = r.tried || tried[authWord(w)]
	}
	return 1
}

// worst is a fail where any word is one, and a pass only where every word is.
func (r *authReading) worst(check string) AuthResult {
	words := r.words[check]
	out := AuthNotEvaluated
	for i, w := range words {
		switch got := authResult(w); {
		case got == AuthFail:
			return AuthFail
		case i == 0:
			out = got
		case got != out:
			out = AuthNotEvaluated
		}
	}
	return out
}

// authWords reads one value: a text, or every text inside a list or an object. A
// number or a bool is a text that means nothing; null is none.
func authWords(d *json.Decoder, depth int) ([]string, error) {
	if depth > maxAuthDepth {
		return nil, errNotAuthentication
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch v := t.(type) {
	case nil:
		return nil, nil
	case string:
		return []string{v}, nil
	case json.Delim:
		return authWordsIn(d, v, depth)
	}
	return []string{"not text"}, nil
}

func authWordsIn(d *json.Decoder, open json.Delim, depth int) ([]string, error) {
	var out []string
	for d.More() {
		if open == '{' {
			if _, err := d.Token(); err != nil {
				return nil, err
			}
		}
		words, err := authWords(d, depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, words...)
	}
	_, err := d.Token()
	return out, err
}

func authWord(s string) string { return FoldASCII(strings.TrimSpace(s)) }

// tried are results of a check that was begun and proved nothing either way.
var tried = map[string]bool{"bestguesspass": true, "softpass": true, "neutral": true, "temperror": true, "timeout": true}

// authResult takes a word it does not know for a fail: only "pass" passes.
func authResult(s string) AuthResult {
	switch w := authWord(s); w {
	case "pass":
		return AuthPass
	case "", "none", "unknown", "notevaluated", "not evaluated", "bypass", "skipped":
		return AuthNotEvaluated
	default:
		if tried[w] {
			return AuthNotEvaluated
		}
		return AuthFail
	}
}

// Failed names the checks that failed, in a fixed order.
func (a Authentication) Failed() []string {
	var out []string
	for _, c := range []struct {
		name   string
		result AuthResult
	}{{"SPF", a.SPF}, {"DKIM", a.DKIM}, {"DMARC", a.DMARC}, {"CompAuth", a.CompAuth}} {
		if c.result == AuthFail {
			out = append(out, c.name)
		}
	}
	return out
}

// Evaluated says that at least one check was begun.
func (a Authentication) Evaluated() bool { return a != Authentication{} }
