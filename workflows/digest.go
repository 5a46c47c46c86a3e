package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"harrier/activities"
	"harrier/workflows/soar"
)

// Digest says once a day what was hidden and held, what nobody reviewed, and what
// ends soon: the last 24 hours before its scheduled time, unless a window is given.
func Digest(ctx workflow.Context, in soar.DigestInput) (soar.Digest, error) {
	watched, err := activities.LoadWatch.Run(quick(ctx), soar.None{})
	if err != nil {
		return soar.Digest{}, err
	}
	request := soar.DigestRequest{Window: in.Window, Channel: watched.DigestChannel, Expiring: watched.Expiring}
	if request.Window.IsZero() {
		end := scheduledTime(ctx)
		request.Window = soar.NewWindow(end.Add(-24*time.Hour), end)
	}
	digest, err := activities.GatherDigest.Run(quick(ctx), request)
	if err != nil {
		return digest, err
	}
	_, err = activities.PostDigest.Run(slack(ctx), digest)
	return digest, err
}
