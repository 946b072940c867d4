// Package server is the life of the HTTP listener: request IDs, deadlines,
// recovery from panics, a log of slow requests, /healthz, /metrics, and a
// graceful end.
//
// It leaves to its handlers what they answer. They set Request.Pattern, by
// which requests are counted, so that labels stay few whatever is asked for.
// Run returns nil after a graceful end, else the listener's error.
package server
