import HTTPTypes
package import Hummingbird
package import RuntimeAdapter

/// What `GET /health` says of an adapter.
package struct AdapterHealth: Encodable {
    private let status: String
    private let revision: UInt64
    private let variants: Int
    private let loaded: Int

    /// How an adapter is now.
    package init<Model>(_ adapter: RuntimeAdapter<Model>) {
        let state = adapter.status
        let candidates = adapter.catalogue.candidates.filter { $0.trust == .accepted }.count
        status = candidates == 0 ? "empty" : state.sourceFailure == nil ? "ok" : "degraded"
        revision = state.revision
        variants = candidates
        loaded = state.variants.filter { $0.phase == .ready }.count
    }

    /// Status 503 if there is nothing to serve; a store that cannot be read now is served on from what was read.
    package var response: Response {
        JSONAnswer.response(self, status: status == "empty" ? .serviceUnavailable : .ok)
    }
}
