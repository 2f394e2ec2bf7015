package import Hummingbird
import HTTPTypes
import NIOCore
package import RuntimeAdapter
package import Serving

/// The routes of a server that hands out variants.
package struct VariantRoutes: Sendable {
    private let adapter: RuntimeAdapter<VariantFile>
    private let keys: ClientKeys
    private let believesKeys: Bool
    private let bodyBytes: Int
    private let download: VariantDownload

    /// - Parameters:
    ///   - believesKeys: whether a `client` in a body counts; then only the operator's own servers may ask.
    ///   - bodyBytes: the largest body.
    package init(
        _ adapter: RuntimeAdapter<VariantFile>, shelf: VariantShelf, keys: ClientKeys,
        believesKeys: Bool, bodyBytes: Int
    ) {
        self.adapter = adapter
        self.keys = keys
        self.believesKeys = believesKeys
        self.bodyBytes = bodyBytes
        download = VariantDownload(shelf)
    }

    /// Adds the routes.
    package func add(to router: RouterGroup<ServerContext>) {
        router.post("select") { try await select($0, $1) }
        router.post("observations") { try await observe($0, $1) }
        router.get("variants/:digest") { try await download.answer($0, $1) }
        router.head("variants/:digest") { try await download.answer($0, $1) }
    }

    // MARK: Answers

    /// What is served, and how the store is.
    package func health() -> Response { AdapterHealth(adapter).response }

    private func select(_ request: Request, _ context: ServerContext) async throws -> Response {
        let body = try await request.body.collect(upTo: bodyBytes)
        var client = try Self.context(body.readableBytesView)
        client.client = key(client.client, request, context)
        let explains = request.uri.queryParameters.get("explain").map { $0 != "0" } ?? false
        return JSONAnswer.response(
            SelectAnswer(
                adapter.route(client), explanation: explains ? adapter.explain(client) : nil))
    }

    private func observe(_ request: Request, _ context: ServerContext) async throws -> Response {
        let body = try await request.body.collect(upTo: bodyBytes)
        let observation = try ObservationRequest(json: body.readableBytesView)
        var client = observation.context
        client.client = key(client.client, request, context)
        let outcomes = adapter.observe(
            PerformanceReport(
                context: client, digest: observation.digest, loadMs: observation.loadMs,
                inferenceMs: observation.inferenceMs), failed: observation.failed ?? false)
        if !outcomes.isEmpty, outcomes.values.allSatisfy({ $0 == .tooOften }) {
            throw Problem(
                .tooManyRequests, "too-often", "This client reports more often than it may."
            ).retryAfter(seconds: 1)
        }
        return JSONAnswer.response(ObservationAnswer(outcomes))
    }

    private func key(
        _ claimed: String?, _ request: Request, _ context: ServerContext
    ) -> String {
        if believesKeys, let claimed { return claimed }
        return keys.key(of: request, context)
    }

    private static func context(_ body: some Collection<UInt8>) throws(Problem) -> ClientContext {
        do throws(ContextError) { return try ClientContext(json: body) } catch {
            switch error.code {
            case .tooLarge:
                throw Problem(.contentTooLarge, "too-large", "No context is that large.")
            case .notJSON: throw Problem(.badRequest, "no-json", "The body is no JSON.")
            case .wrongType:
                throw Problem(
                    .badRequest, "no-context",
                    error.key.isEmpty
                        ? "The body is no JSON object."
                        : "\(error.key.prefix(100)): a value of another type is expected.")
            }
        }
    }
}
