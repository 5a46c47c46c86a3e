package interactions

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// maxSkew is how far a request's timestamp may be from our clock.
// https://docs.slack.dev/authentication/verifying-requests-from-slack
const maxSkew = 5 * time.Minute

// verify checks a request's signature over its raw body with any of the secrets.
// It does not keep the same request from coming twice: clicks carry ids for that.
func verify(header http.Header, body []byte, secrets []string, now time.Time) error {
	stamp := header.Get("X-Slack-Request-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return errors.New("verify signature: timestamp is missing or not a number")
	}
	if now.Sub(time.Unix(seconds, 0)).Abs() > maxSkew {
		return errors.New("verify signature: timestamp is more than five minutes off")
	}
	given := []byte(header.Get("X-Slack-Signature"))
	for _, secret := range secrets {
		if secret != "" && hmac.Equal(given, sign(secret, stamp, body)) {
			return nil
		}
	}
	return errors.New("verify signature: it does not match")
}

func sign(secret, stamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + stamp + ":"))
	mac.Write(body)
	return []byte("v0=" + hex.EncodeToString(mac.Sum(nil)))
}
