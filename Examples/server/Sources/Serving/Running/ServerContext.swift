package import Hummingbird
package import NIOCore

/// What is known of a request beside what is in it.
package struct ServerContext: RequestContext {
    /// What Hummingbird keeps there.
    package var coreContext: CoreRequestContextStorage
    /// The connection that the answer goes to.
    package let channel: any Channel
    /// The place that the request takes among those that are answered at once.
    package var place: ConcurrencyLimit.Place?

    /// The context of a request that just came in.
    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
