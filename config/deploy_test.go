package config_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"harrier/config"
)

type composeFile struct {
	Services map[string]struct {
		Image       string
		Environment map[string]string
		Ports       []string
		Command     []string
		Volumes     []string
		Restart     string
		Healthcheck map[string]any
		Security    []string                              `yaml:"security_opt"`
		DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
		ReadOnly    bool                                  `yaml:"read_only"`
		CapDrop     []string                              `yaml:"cap_drop"`
	}
	Volumes map[string]any
}

func compose(t *testing.T) composeFile {
	t.Helper()
	text, err := os.ReadFile("../docker-compose.yml")
	must(t, err)
	var c composeFile
	must(t, yaml.Unmarshal(text, &c))
	return c
}

func TestComposePinsItsImagesAndPublishesNothingBeyondLoopback(t *testing.T) {
	pinned := regexp.MustCompile(`^[a-z/-]+:(v?\d+\.\d+(\.\d+)?[a-z0-9.-]*|\$\{HARRIER_RELEASE:-v\d+\.\d+\.\d+\})$`)
	for name, s := range compose(t).Services {
		if !pinned.MatchString(s.Image) {
			t.Errorf("%s: image %s is not pinned", name, s.Image)
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("%s: port %s is published beyond loopback", name, p)
			}
		}
		if s.Restart == "" || !slices.Contains(s.Security, "no-new-privileges:true") {
			t.Errorf("%s: restart %q, security %v", name, s.Restart, s.Security)
		}
		for dependency, d := range s.DependsOn {
			if !strings.HasPrefix(d.Condition, "service_") || d.Condition == "service_started" {
				t.Errorf("%s: waits for %s only to have started", name, dependency)
			}
		}
	}
}

func TestComposeTakesSecretsFromTheEnvironmentAndRefusesToStartWithoutThem(t *testing.T) {
	secret := regexp.MustCompile(`PASSWORD|PWD|TOKEN|SECRET`)
	demanded := regexp.MustCompile(`^\$\{[A-Z_]+:\?.+\}$`)
	for name, s := range compose(t).Services {
		for key, value := range s.Environment {
			optional := key == "AZURE_CLIENT_SECRET" && value == "${AZURE_CLIENT_SECRET:-}"
			if secret.MatchString(key) && !optional && !demanded.MatchString(value) {
				t.Errorf("%s: %s is %q", name, key, value)
			}
		}
	}
}

func TestComposeKeepsDataInNamedVolumesAndHistoryForNinetyDays(t *testing.T) {
	c := compose(t)
	for _, volume := range []string{"postgresql", "audit"} {
		if _, ok := c.Volumes[volume]; !ok {
			t.Errorf("no volume %s", volume)
		}
	}
	script := strings.Join(c.Services["namespace"].Command, "\n")
	if strings.Count(script, "--retention 2160h") != 2 || !strings.Contains(script, "-n "+c.Services["worker"].Environment["TEMPORAL_NAMESPACE"]+" ") {
		t.Errorf("namespace script:\n%s", script)
	}
	for _, name := range []string{"postgresql", "temporal"} {
		if len(c.Services[name].Healthcheck) == 0 {
			t.Errorf("%s has no health check", name)
		}
	}
}

func TestTheWorkersEnvironmentIsWhatTheCodeReads(t *testing.T) {
	w := compose(t).Services["worker"]
	for key := range w.Environment {
		if !slices.Contains(config.EnvNames(), key) {
			t.Errorf("the worker does not read %s", key)
		}
	}
	if !w.ReadOnly || !slices.Equal(w.CapDrop, []string{"ALL"}) || !slices.Contains(w.Volumes, "./config:/etc/harrier:ro") {
		t.Errorf("worker %+v", w)
	}
	env := vars{}
	for key, value := range w.Environment {
		env[key] = value
	}
	env["SLACK_BOT_TOKEN"], env["SLACK_APP_TOKEN"], env["AZURE_CLIENT_SECRET"] = "xoxb-1", "xapp-1", ""
	c, err := config.Load("harrier.yaml", env.get)
	must(t, err)
	if c.Temporal.Address != "temporal:7233" || c.Audit.Dir != "/var/lib/harrier/audit" {
		t.Errorf("loaded %+v", c)
	}
}

func TestTheImageIsStaticAndRunsAsNobody(t *testing.T) {
	text, err := os.ReadFile("../worker/Dockerfile")
	must(t, err)
	for _, want := range []string{
		"CGO_ENABLED=0", "-trimpath", "USER 65532:65532", "ca-certificates tzdata", "COPY config/*.yaml /etc/harrier/", "COPY config/hunts /etc/harrier/hunts", "COPY config/suppressions /etc/harrier/suppressions",
		"http://" + config.Default().Health.Listen + "/readyz", "-X main.release=${RELEASE}",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the Dockerfile lacks %q", want)
		}
	}
	for _, from := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(string(text), -1) {
		if !regexp.MustCompile(`:\d+\.\d+`).MatchString(from[1]) {
			t.Errorf("base image %s is not pinned", from[1])
		}
	}
}

func TestEveryValueHasOneEnvironmentVariable(t *testing.T) {
	names := config.EnvNames()
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("a name stands twice in %v", names)
	}
	for _, want := range []string{"TEMPORAL_ADDRESS", "TEMPORAL_TLS_CLIENT_CERT_PATH", "AZURE_CLIENT_SECRET", "SLACK_SIGNING_SECRET", "HARRIER_SLACK_CHANNELS_TRIAGE", "HARRIER_TRIAGE_DEADLINES_HIGH"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not read", want)
		}
	}
}
