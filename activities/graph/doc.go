// Package graph looks up senders in Microsoft Graph. A page of ten senders
// takes two $batch calls: the first finds them, the second reads what can only
// be asked by object id. Every fact that needs a permission or a licence of its
// own is a request of its own, so that a refusal costs nothing else.
package graph
