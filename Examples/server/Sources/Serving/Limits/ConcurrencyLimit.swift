package import Hummingbird
import Synchronization

/// Answers so many requests at a time; those beyond are told to come back.
///
/// A request takes its place until the last reference to it goes: whoever streams a body keeps one.
package struct ConcurrencyLimit: RouterMiddleware {
    /// A place that is given back when nobody refers to it any more.
    package final class Place: Sendable {
        private let taken: Count

        fileprivate init(_ taken: Count) { self.taken = taken }

        deinit { taken.value.subtract(1, ordering: .relaxed) }
    }

    fileprivate final class Count: Sendable {
        let value = Atomic<Int>(0)
    }

    private let most: Int
    private let taken = Count()

    /// A limit; below 1 it is 1.
    package init(_ most: Int) { self.most = max(most, 1) }

    /// How many requests are being answered.
    package var inUse: Int { taken.value.load(ordering: .relaxed) }

    /// A place; nil if none is free.
    package func take() -> Place? {
        guard taken.value.add(1, ordering: .relaxed).newValue <= most else {
            taken.value.subtract(1, ordering: .relaxed)
            return nil
        }
        return Place(taken)
    }

    /// Answers, or throws a ``Problem`` with status 503.
    package func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        guard let place = take() else {
            throw Problem(
                .serviceUnavailable, "busy", "The server answers as many requests as it may."
            ).retryAfter(seconds: 1)
        }
        var context = context
        context.place = place
        return try await next(request, context)
    }
}
