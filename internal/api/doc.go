// Package api is API v1: every route of the site that speaks JSON or serves
// media bytes, in the shapes of the original's API (envelope, media and user
// objects, string IDs, exclusive cursors).
//
// Calls are counted against hourly budgets: those of apps exactly, over all processes (window.go,
// budget.go), those of sessions and addresses nearly so (limit.go). Apps' signatures are in signature.go.
//
// Routes are data: Routes lists them on one page with who may call them, which
// scope they ask of a token, how large a body may be, how they are counted and
// what a repeated Idempotency-Key means. One chain of steps reads that table
// for every request; no handler checks a credential by itself.
//
// It leaves the rules to account, graph, post, feed and activity, which it
// knows by small interfaces, and listening, timeouts and logs to server. The
// viewer of each call is an argument to those rules; what they hand out has
// been through CanViewPost.
//
// Errors of the rules reach people through one table (errors.go). Faults of
// ours are logged with the request's ID and shown as nothing but that.
package api
