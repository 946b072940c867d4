// Package outbound is the one way by which this program calls addresses that
// strangers chose: the callbacks of apps. Its guard also stands before what OpenID providers name
// ([Client.Transport]), where the hosts that whoever runs the site has named are reached wherever they are.
//
// It speaks to public addresses only. A name is resolved here, every address it
// has is judged, and the connection goes to the very address that was judged, so
// that a name that answers differently a moment later (DNS rebinding) gains
// nothing; and so on every hop, for a redirect is a new call. Whoever runs a
// site may allow networks by hand. It uses no proxy of the environment, keeps no
// cookies, sends no credentials of an address, and bounds time and bytes.
//
// It leaves to its callers what is said, and when to try again. Errors: Invalid
// for an address that may not be called, Unavailable for one that does not
// answer as it should; both say why in words that may be shown to whoever chose
// the address. They hold no address of this network.
package outbound
