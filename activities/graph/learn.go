package graph

import (
	"context"
	"slices"
	"strings"

	"harrier/workflows/soar"
)

// learn asks for everything that is not answered yet. What was throttled in the
// first batch waits for the pause the service asked for.
func (p *page) learn(ctx context.Context, throttled error) error {
	wanted := slices.Clone(p.tenantwide())
	for _, l := range p.lookups {
		if l.user {
			wanted = append(wanted, l.needs()...)
		}
	}
	shared, err := p.shared(ctx)
	if err != nil {
		return err
	}
	wanted = slices.DeleteFunc(append(wanted, shared...), p.got.throttled)
	return worse(throttled, p.c.ask(ctx, wanted, p.got))
}

// shared are requests about several senders at once: sign-ins, and the bin.
func (p *page) shared(ctx context.Context) ([]request, error) {
	var signIns, bins []subject
	for _, l := range p.lookups {
		switch {
		case l.user:
			signIns = append(signIns, subject{signInKey(l.profile.ObjectID), idClauses([]string{l.profile.ObjectID})})
		case l.absent():
			clauses := deletedClauses(l.ids, l.address)
			l.binKey = "bin:" + strings.Join(clauses, " or ")
			bins = append(bins, subject{l.binKey, clauses})
		}
	}
	if p.c.features.off(featureSignIns) != "" {
		signIns = nil
	}
	signInFilters, binFilters := p.c.filters(signIns), p.c.filters(bins)
	var out []request
	for _, l := range p.lookups {
		var err error
		if filter := signInFilters[signInKey(l.profile.ObjectID)]; l.user && filter != "" {
			if l.signIn, err = p.c.findSignIns(ctx, filter); err != nil {
				return nil, err
			}
			out = append(out, l.signIn)
		}
		if filter := binFilters[l.binKey]; l.absent() && filter != "" {
			if l.bin, err = p.c.findDeleted(filter); err != nil {
				return nil, err
			}
			out = append(out, l.bin)
		}
	}
	return out, nil
}

// complete reads what was answered, and judges.
func (p *page) complete(ctx context.Context) error {
	sendersWhy, risks := "", risks{}
	if slices.ContainsFunc(p.lookups, func(l *lookup) bool { return l.user }) {
		sendersWhy = p.c.readSenders(ctx, p.sendAs, p.got)
		risks = p.c.readRisks(ctx, p.risk, p.got)
	}
	for _, l := range p.lookups {
		if err := p.readOne(ctx, l); err != nil {
			return err
		}
		if l.user {
			risks.add(l)
			p.addSenders(l, sendersWhy)
			k := kindOf(l.profile, l.groups, p.c.tenant, p.c.now())
			l.profile.Kind, l.profile.Why, l.profile.ServiceEvidence = k.kind, k.why, k.evidence
		}
		l.profile.Evidence = evidenceOf(l, declaredBy(l.profile, p.c.tenant), p.c.now())
	}
	return nil
}

// readOne reads what was asked for one sender alone.
func (p *page) readOne(ctx context.Context, l *lookup) error {
	if l.absent() {
		return p.readBin(ctx, l)
	}
	if !l.user {
		return nil
	}
	for _, r := range append(l.needs(), l.signIn) {
		if a := p.got[r.url]; a.ok() && a.at.Before(l.profile.AsOf) {
			l.profile.AsOf = a.at
		}
	}
	p.readSignIns(ctx, l)
	if l.guest() {
		l.profile.MailboxPurpose, l.why[factRules] = "unknown(a guest's mailbox is elsewhere)", "a guest's mailbox is elsewhere"
	} else {
		p.c.readMailbox(l, p.got[l.own.mailbox.url])
		p.c.readRules(l, p.got[l.own.rules.url])
	}
	return p.c.readMemberships(ctx, l, p.got[l.own.memberships.url])
}

func (p *page) addSenders(l *lookup, why string) {
	names, at, kept := p.c.senders.get()
	if !kept {
		l.why[factSenders] = why
		return
	}
	l.profile.SendAsAnyoneKnown, l.profile.SendAsAnyoneAt = soar.Yes, at
	l.profile.SendAsAnyone = slices.Clone(names[:min(len(names), soar.MaxSendAsAnyone)])
	l.senders = len(names)
}
