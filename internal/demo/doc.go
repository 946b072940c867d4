// Package demo fills a site with life: people who follow each other, pictures
// drawn on the spot (nothing is fetched) with camera data and places, albums,
// comments and likes, spread over the past months. The same seed gives the same site.
//
// It writes finished rows through sqlstore's bulk writer, with both sides of
// every edge and every counter right, and the pictures through the imaging cage
// and the blob store as an upload would. It is for trying Tintype out and for
// measuring it, not for production data.
//
// Errors are those of the store, the cage and the blob store.
package demo
