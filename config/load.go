package config

import (
	"encoding"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// DefaultDir is where the files stand when no configuration file is named.
const DefaultDir = "config"

// Load reads the configuration: defaults, then the file, then the environment,
// then Validate. An empty file name leaves the file out. Secrets may be written
// as ${NAME} in the file, as their whole value; nothing else is substituted.
// All errors come back joined, each with its place and what to write instead.
func Load(file string, env func(string) string) (Config, error) {
	l := loader{file: file, env: env, places: map[string]string{}}
	c := Default()
	if err := l.readFile(&c); err != nil {
		return Config{}, err
	}
	l.readEnv(&c)
	c.underDir(l.dir())
	c.fillFromCloud()
	c.fillRest()
	check := checker{place: l.place}
	check.errs = append(check.errs, l.errs...)
	check.warnings = l.warnings
	check.config(c)
	c.warnings = check.warnings
	if err := check.err(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// loader remembers where each value comes from.
type loader struct {
	file     string
	env      func(string) string
	places   map[string]string
	errs     []error
	warnings []string
}

func (l *loader) dir() string {
	if l.file == "" {
		return DefaultDir
	}
	return filepath.Dir(l.file)
}

// place names where a value stands, or where it would.
func (l *loader) place(path string) string {
	for p := path; p != ""; p = parent(p) {
		if at := l.places[p]; at != "" {
			return at
		}
	}
	if l.file == "" {
		return "environment"
	}
	return l.file
}

func (l *loader) readFile(c *Config) error {
	if l.file == "" {
		return nil
	}
	s, err := readSource(l.file)
	if err != nil {
		return err
	}
	root, err := s.root()
	if err != nil {
		return err
	}
	d := newDecoder(s.file)
	d.decode(root, c)
	for path, line := range d.lines {
		l.places[path] = fmt.Sprintf("%s:%d", s.file, line)
	}
	l.errs = append(l.errs, d.errs...)
	leaves(reflect.ValueOf(c).Elem(), "", l.substitute)
	return nil
}

var wholeVariable = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)

// substitute fills in ${NAME}, in secrets alone.
func (l *loader) substitute(path string, v reflect.Value) {
	if v.Kind() != reflect.String {
		return
	}
	m := wholeVariable.FindStringSubmatch(v.String())
	_, secret := v.Interface().(Secret)
	switch {
	case m == nil && secret && v.Len() > 0:
		l.warnings = append(l.warnings, fmt.Sprintf("%s: %s: the secret stands in the file; write ${NAME} and keep the value in the environment", l.place(path), path))
	case m == nil:
	case !secret:
		l.errs = append(l.errs, fmt.Errorf("%s: %s: ${…} is filled in for secrets alone; write the value, or set %s in the environment", l.place(path), path, EnvName(path)))
	case l.env(m[1]) == "":
		l.errs = append(l.errs, fmt.Errorf("%s: %s: the environment variable %s is not set; set it, or leave the key out", l.place(path), path, m[1]))
		v.SetString("")
	default:
		v.SetString(l.env(m[1]))
	}
}

// leaves calls f for every single value of a configuration.
func leaves(v reflect.Value, path string, f func(path string, v reflect.Value)) {
	fields := fieldsOf(v)
	for _, key := range keysOf(fields) {
		field, at := fields[key], join(path, key)
		switch {
		case field.Kind() == reflect.Struct:
			leaves(field, at, f)
		case field.Kind() != reflect.Map && field.Kind() != reflect.Slice:
			f(at, field)
		}
	}
}

// conventional are environment variables that other tools use for the same thing.
func conventional() map[string]string {
	return map[string]string{
		"temporal.address": "TEMPORAL_ADDRESS", "temporal.namespace": "TEMPORAL_NAMESPACE", "temporal.api_key": "TEMPORAL_API_KEY",
		"temporal.tls.enabled": "TEMPORAL_TLS", "temporal.tls.cert_file": "TEMPORAL_TLS_CLIENT_CERT_PATH",
		"temporal.tls.key_file": "TEMPORAL_TLS_CLIENT_KEY_PATH", "temporal.tls.ca_file": "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
		"temporal.tls.server_name": "TEMPORAL_TLS_SERVER_NAME",
		"azure.tenant_id":          "AZURE_TENANT_ID", "azure.client_id": "AZURE_CLIENT_ID", "azure.client_secret": "AZURE_CLIENT_SECRET",
		"azure.authority_host": "AZURE_AUTHORITY_HOST",
		"slack.bot_token":      "SLACK_BOT_TOKEN", "slack.app_token": "SLACK_APP_TOKEN", "slack.signing_secret": "SLACK_SIGNING_SECRET",
		"slack.previous_signing_secret": "SLACK_PREVIOUS_SIGNING_SECRET",
	}
}

// EnvName is the environment variable of a single value: the conventional one
// (TEMPORAL_ADDRESS, AZURE_TENANT_ID, SLACK_BOT_TOKEN, …) or HARRIER_ and the
// key, as HARRIER_LOG_ANALYTICS_WORKSPACE_ID.
func EnvName(path string) string {
	if name, ok := conventional()[path]; ok {
		return name
	}
	return "HARRIER_" + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

func (l *loader) readEnv(c *Config) {
	leaves(reflect.ValueOf(c).Elem(), "", func(path string, v reflect.Value) {
		name := EnvName(path)
		value := l.env(name)
		if value == "" {
			return
		}
		l.places[path] = name
		if err := setText(v, value); err != nil {
			l.errs = append(l.errs, fmt.Errorf("%s: %w", name, err))
		}
	})
}

func setText(v reflect.Value, text string) error {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(text)); err != nil {
			return fmt.Errorf("%w%s", err, isoHint(text))
		}
		return nil
	}
	switch v.Kind() {
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("expected true or false, found %q", text)
		}
		v.SetBool(b)
	case reflect.Int:
		i, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("expected a whole number, found %q", text)
		}
		v.SetInt(int64(i))
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("expected a number, found %q", text)
		}
		v.SetFloat(f)
	default:
		v.SetString(text)
	}
	return nil
}

// underDir makes the files that are read relative to the configuration's folder.
func (c *Config) underDir(dir string) {
	for _, f := range []*string{
		&c.Files.Hunts, &c.Files.HuntSettings, &c.Files.Suppressions, &c.Files.Tenant,
		&c.Azure.CAFile, &c.Temporal.TLS.CertFile, &c.Temporal.TLS.KeyFile, &c.Temporal.TLS.CAFile,
	} {
		if *f != "" && !filepath.IsAbs(*f) {
			*f = filepath.Join(dir, *f)
		}
	}
}

// fillRest fills in what follows from other values.
func (c *Config) fillRest() {
	c.Triage.BusinessHours.fill()
	c.Files.Workspaces = slices.Sorted(maps.Keys(c.LogAnalytics.Workspaces))
	if c.Paging.Provider == PagerDuty && c.Paging.URL == "" {
		c.Paging.URL = PagerDutyURL
	}
}

// fillFromCloud fills in the addresses that were not given. An unknown cloud
// fills in nothing and is refused by Validate.
func (c *Config) fillFromCloud() {
	cloud, err := CloudNamed(c.Azure.Cloud)
	if err != nil {
		return
	}
	for _, f := range []struct {
		at    *string
		value string
	}{
		{&c.Azure.AuthorityHost, cloud.Authority},
		{&c.LogAnalytics.Endpoint, cloud.LogAnalytics}, {&c.LogAnalytics.Audience, cloud.LogAnalyticsAudience},
		{&c.Graph.Endpoint, cloud.Graph}, {&c.Graph.Scope, cloud.GraphScope},
		{&c.Sentinel.Endpoint, cloud.ResourceManager}, {&c.Sentinel.Audience, cloud.ResourceManagerAudience},
		{&c.Sentinel.PortalURL, cloud.AzurePortal},
	} {
		if *f.at == "" {
			*f.at = f.value
		}
	}
}
