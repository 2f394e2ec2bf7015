package import Hummingbird
package import NIOCore

/// What is known of a request beside what is in it.
package struct ServerContext: RequestContext {
    /// What Hummingbird keeps there.
    package var coreContext: CoreRequestContextStorage
    /// The other end of the connection; nil where there is none, as in tests.
    package let remoteAddress: SocketAddress?
    /// The place that the request takes among those that are answered at once.
    package var place: ConcurrencyLimit.Place?

    /// The context of a request that just came in.
    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        remoteAddress = source.channel.remoteAddress
    }
}
