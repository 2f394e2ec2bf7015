/// How long a variant took to load or to infer, as a client or the server itself reports it.
public struct PerformanceReport: Sendable, Hashable {
    /// The context that the variant ran in; its cache tells whether the file had to come over the network.
    public var context: RequestContext
    /// Of the variant's artifact or file.
    public var digest: String
    /// From asking for the file to being able to run it, in milliseconds; nil if nobody timed it.
    public var loadMs: Double?
    /// One inference, in milliseconds; nil if nobody timed it.
    public var inferenceMs: Double?
    /// Whether the server itself measured it, so that no client can be behind it.
    public var isTrusted: Bool

    /// A report; what makes no sense in it is refused where it is recorded.
    public init(
        context: RequestContext, digest: String, loadMs: Double? = nil, inferenceMs: Double? = nil,
        isTrusted: Bool = false
    ) {
        self.context = context
        self.digest = digest
        self.loadMs = loadMs
        self.inferenceMs = inferenceMs
        self.isTrusted = isTrusted
    }

    var times: [(ObservedQuantity, Double)] {
        [(.load, loadMs), (.inference, inferenceMs)].compactMap { quantity, ms in
            ms.map { (quantity, $0) }
        }
    }

    /// Whose reports it counts among: nil for the server's own; those without a key count as one client's.
    var client: String? { isTrusted ? nil : context.client ?? "" }
}
