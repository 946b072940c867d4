// Package app composes the site: it reads the configuration, opens the
// databases and files, makes every service, binds the jobs to their handlers
// and the routes to the services, and runs all of it. It is the only place
// that knows which implementation stands behind which interface.
//
// Open gives an App on an opened data directory, which no other process can
// open at the same time; Serve runs it until its context ends; Close gives the
// directory back. Commands that do one thing use the services of an App that
// they do not serve.
//
// Errors are sentences for whoever started the program.
package app
