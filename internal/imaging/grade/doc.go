// Package grade is the photo editor's arithmetic: what a recipe of edits means,
// in numbers.
//
// It gives the Recipe of one media (turn, crop, filter, adjustments), its strict
// reader Parse, the Geometry that a recipe asks of an upright picture of a given
// size, and Apply, which grades 8-bit sRGB pixels in place. Everything that
// touches a pixel is integer arithmetic on tables, so the same recipe gives the
// same bytes on every machine; web/src/edit holds the same arithmetic in
// TypeScript for the live preview, and testdata/vectors.json, which both test
// suites read, holds them together. The filters are data: filters.json.
//
// Decoding, orienting by EXIF, turning, resampling and encoding are left to
// package render.
//
// Every error is a *tintype.Error of kind Invalid about the field "edits" (or
// "filter"), with a sentence for the person who sent the recipe.
package grade
