package import Contexts

/// Something that can be served for a model: a variant, or the base.
public struct CandidateDescription: Sendable, Equatable {
    /// What is served.
    public enum Kind: String, Sendable {
        /// A pruned model.
        case variant
        /// The model that variants come from.
        case base
    }

    /// What signatures say, by the policy of whoever made the catalogue.
    public enum Trust: Sendable, Equatable {
        /// The policy accepts it, or there is none.
        case accepted
        /// The policy refuses it: no valid signature, or a wrong one.
        case refused
    }

    /// The family that it belongs to, such as `fashion-mobilenet`.
    public var model: String
    /// What people call it, such as `fashion-mobilenet/phone-4g:v3`.
    public var reference: String
    /// What is served.
    public var kind: Kind
    /// Identity of the artifact: `sha256:` and 64 digits.
    public var digest: String
    /// Identity of the file that travels: `sha256:` and 64 digits.
    public var fileDigest: String
    /// Size of the file as it travels.
    public var fileBytes: Int
    /// Size of the parameters in memory.
    public var decodedBytes: Int
    /// Parameters and the largest set of live activations.
    public var peakMemoryBytes: Int
    /// Multiply-adds of one inference.
    public var multiplyAdds: Int
    /// Share of right answers, 0 to 1; nil if nobody evaluated.
    public var accuracy: Double?
    /// What signatures say.
    public var trust: Trust
    /// What the cost model evaluates; nil if inference times cannot be predicted.
    package var workload: WorkloadSummary?
    /// The predicted time is the workload's times this: 1 but where a relative's workload stands in.
    package var workloadRatio: Double

    package init(
        model: String, reference: String, kind: Kind = .variant, digest: String,
        fileDigest: String, fileBytes: Int, decodedBytes: Int, peakMemoryBytes: Int,
        multiplyAdds: Int, accuracy: Double? = nil, trust: Trust = .accepted,
        workload: WorkloadSummary? = nil, workloadRatio: Double = 1
    ) {
        self.model = model
        self.reference = reference
        self.kind = kind
        self.digest = digest
        self.fileDigest = fileDigest
        self.fileBytes = fileBytes
        self.decodedBytes = decodedBytes
        self.peakMemoryBytes = peakMemoryBytes
        self.multiplyAdds = multiplyAdds
        self.accuracy = accuracy
        self.trust = trust
        self.workload = workload
        self.workloadRatio = workloadRatio
    }

    /// Whether the inference times of this candidate rest on a relative's workload.
    public var isEstimated: Bool { workloadRatio != 1 || workload == nil }
}
