package soar

import (
	"encoding/json"
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
	// AuthNotEvaluated is a check that was not made.
	AuthNotEvaluated AuthResult = ""
)

// Authentication is EmailEvents.AuthenticationDetails.
type Authentication struct {
	SPF      AuthResult `json:"spf,omitempty"`
	DKIM     AuthResult `json:"dkim,omitempty"`
	DMARC    AuthResult `json:"dmarc,omitempty"`
	CompAuth AuthResult `json:"compauth,omitempty"`
}

// ParseAuthentication reads AuthenticationDetails, JSON text such as
// {"SPF":"pass","DKIM":"none","DMARC":"fail","CompAuth":"fail"}. Text that is
// not JSON is "not evaluated", never a pass.
func ParseAuthentication(details string) Authentication {
	var raw map[string]any
	if json.Unmarshal([]byte(details), &raw) != nil {
		return Authentication{}
	}
	read := func(key string) AuthResult {
		s, _ := raw[key].(string)
		return authResult(s)
	}
	return Authentication{SPF: read("SPF"), DKIM: read("DKIM"), DMARC: read("DMARC"), CompAuth: read("CompAuth")}
}

func authResult(s string) AuthResult {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "pass":
		return AuthPass
	case "", "none", "unknown", "notevaluated", "not evaluated", "bypass", "skipped":
		return AuthNotEvaluated
	default:
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

// Evaluated says that at least one check was made.
func (a Authentication) Evaluated() bool { return a != Authentication{} }
