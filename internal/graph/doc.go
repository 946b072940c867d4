// Package graph is who follows, asks and blocks whom, and who may see whom.
//
// An edge belongs to two users, who may live in different databases. Every
// change is written in one transaction on the side of the user who acts, which
// also enqueues a job that brings it to the other side ([Service.ApplyEdges]).
// Changes carry an op ID; each side keeps the newest, so repeats, late comers
// and any interleaving end in the same place on both. The followed user's side
// decides whether a follow is approved.
//
// What is read a lot (users, relations, whom a viewer hides from) is read
// through caches, and every change drops exactly what it changes.
//
// It leaves profiles and credentials to package account, and feeds to package
// feed. Errors: NotFound for users that do not exist or must not be known of,
// NotAllowed for lists of private users, Invalid for what makes no sense
// (following oneself), and what the store gives.
package graph
