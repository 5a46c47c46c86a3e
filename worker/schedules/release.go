package schedules

import (
	"regexp"
	"strconv"
)

var releaseForm = regexp.MustCompile(`^v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})(-[0-9A-Za-z.-]+)?(\+.*)?$`)

// older says that release a is before b. A text that is no release (a build
// from a checkout) is before every release and equal to any other such text.
// Of one version a pre-release is older; two pre-releases are equal.
func older(a, b string) bool {
	return rank(a).less(rank(b))
}

// version is major, minor, patch, and whether it is no pre-release.
type version [4]int

func rank(text string) version {
	m := releaseForm.FindStringSubmatch(text)
	if m == nil {
		return version{-1}
	}
	var v version
	for i := range 3 {
		v[i], _ = strconv.Atoi(m[i+1])
	}
	if m[4] == "" {
		v[3] = 1
	}
	return v
}

func (v version) less(o version) bool {
	for i := range v {
		if v[i] != o[i] {
			return v[i] < o[i]
		}
	}
	return false
}
