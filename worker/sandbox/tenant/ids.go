package tenant

import (
	"encoding/hex"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// guid is a version 4 UUID in lower case, as NetworkMessageId and object ids are.
func guid(r *rand.Rand) string {
	var b [16]byte
	for i := 0; i < 16; i += 8 {
		v := r.Uint64()
		for j := range 8 {
			b[i+j] = byte(v >> (8 * j))
		}
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// client is a program that writes mail: what its Internet message ids look like.
type client struct {
	style clientStyle
	host  string
}

type clientStyle int

const (
	styleHost         clientStyle = iota // <20261124.9F3C1A@host>
	styleOutlook                         // Outlook, OWA and Graph
	styleAlertmanager                    // <unix nanoseconds.random@host>
	styleJira                            // <JIRA.id.ms.n.ms@Atlassian.JIRA>
)

func outlook() client { return client{style: styleOutlook} }

// messageID is the Internet message id of a mail the client writes at a time.
func (c client) messageID(r *rand.Rand, at time.Time) string {
	switch c.style {
	case styleOutlook:
		server := "AM" + strconv.Itoa(r.IntN(10)) + "PR04MB" + strconv.Itoa(1000+r.IntN(9000))
		return "<" + server + upperHex(r) + "@" + server + ".eurprd04.prod.outlook.com>"
	case styleAlertmanager:
		return "<" + strconv.FormatInt(at.UnixNano()+int64(r.IntN(1e9)), 10) + "." + strconv.FormatUint(r.Uint64(), 10) + "@" + c.host + ">"
	case styleJira:
		ms := strconv.FormatInt(at.UnixMilli(), 10)
		return "<JIRA." + strconv.Itoa(10000+r.IntN(80000)) + "." + ms + "." + strconv.Itoa(r.IntN(900)) + "." + ms + "@Atlassian.JIRA>"
	}
	return "<" + at.Format("20060102150405") + "." + upperHex(r) + "@" + c.host + ">"
}

// hostSetting is how tenant settings name the client's host.
func (c client) hostSetting() string {
	switch c.style {
	case styleOutlook:
		return "prod.outlook.com"
	case styleJira:
		return "atlassian.jira"
	}
	return c.host
}

func upperHex(r *rand.Rand) string {
	return strings.ToUpper(strconv.FormatUint(r.Uint64()|1<<63, 16))
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func minutes(r *rand.Rand, from, to int) time.Duration {
	return time.Duration(from*60+r.IntN((to-from)*60)) * time.Second
}

func hours(n float64) time.Duration { return time.Duration(n * float64(time.Hour)) }

func days(n float64) time.Duration { return hours(24 * n) }
