package slacktest

import "encoding/json"

// checkView judges a view. https://docs.slack.dev/reference/views/modal-views
func (s *Server) checkView(raw string, where surface) (map[string]any, error) {
	var view map[string]any
	if raw == "" || json.Unmarshal([]byte(raw), &view) != nil {
		return nil, &apiError{code: "invalid_arguments", messages: []string{"[ERROR] missing required field: view"}}
	}
	if s.config.Limits.NoBlocks {
		return view, nil
	}
	if len(raw) > MaxViewBytes {
		return nil, fail("view_too_large")
	}
	c := &checker{blockIDs: map[string]bool{}}
	if where == onModal {
		c.modal(view)
	} else if str(view, "type") != "home" {
		c.fail("/view/type", "must be home")
	}
	c.length(str(view, "private_metadata"), "/view/private_metadata", MaxPrivateMetadata)
	c.length(str(view, "callback_id"), "/view/callback_id", MaxCallbackID)
	c.length(str(view, "external_id"), "/view/external_id", MaxExternalID)
	if len(c.faults) > 0 {
		return nil, c.refusal("invalid_arguments")
	}
	return view, checkBlocks(objects(view, "blocks"), where)
}

func (c *checker) modal(view map[string]any) {
	if str(view, "type") != "modal" {
		c.fail("/view/type", "must be modal")
	}
	c.text(obj(view, "title"), "/view/title", textRule{max: MaxViewTitle, plain: true})
	for _, name := range []string{"submit", "close"} {
		if button := obj(view, name); button != nil {
			c.text(button, "/view/"+name, textRule{max: MaxViewButton, plain: true})
		}
	}
	if len(list(view, "blocks")) == 0 {
		c.fail("/view/blocks", "missing required field: blocks")
	}
	for _, block := range objects(view, "blocks") {
		if str(block, "type") == "input" && obj(view, "submit") == nil {
			c.fail("/view/submit", "missing required field: submit, because the view has an input")
			return
		}
	}
}
