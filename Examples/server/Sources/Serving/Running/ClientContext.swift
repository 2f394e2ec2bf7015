package import RuntimeAdapter

/// What is known of a client when a variant is selected for it: a name that Hummingbird does not have, too.
package typealias ClientContext = RequestContext
