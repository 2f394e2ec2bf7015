/// The answer to a context: what to serve, and why.
public struct Selection: Sendable {
    /// How far down the ladder of fallbacks the answer stands.
    public enum Step: String, Sendable, CaseIterable {
        /// It keeps everything that was asked for.
        case fits
        /// Nothing does; the client has this one already, so that it need not be downloaded.
        case cached
        /// Nothing does; this is the one that is there and done first.
        case smaller
        /// No candidate may serve under the accuracy floor; the base is the best there is.
        case base
        /// Nothing may run on the client; answer on the server.
        case remote
    }

    /// Why it is this one.
    public enum Reason: Sendable, Hashable {
        /// None of the family is more accurate.
        case mostAccurate
        /// More accurate ones do not fit; the most accurate of all is out for this.
        case moreAccurateRejected(count: Int, because: Rejection)
        /// None fits; the most accurate is out for this.
        case noneFits(because: Rejection)
        /// The catalogue has no such family, or several and the context names none.
        case noSuchModel
    }

    /// How far down the ladder.
    public let step: Step
    /// Why it is this one.
    public let reason: Reason
    /// What the client has of it already.
    public let copy: ClientCopy
    /// What inference is predicted to take; nil if that is not known.
    public let inference: PredictedTime?
    /// What loading is predicted to take: download and decoding, decoding alone of what is in the client's cache, 0 of
    /// what it has in memory; nil if that is not known.
    public let load: PredictedTime?
    /// What the client was predicted as.
    public let deviceClass: DeviceClass
    /// What in the context could not be used as it stood.
    public let issues: [ContextIssue]
    /// What was chosen from.
    public let catalogue: VariantCatalogue
    /// The place in the catalogue; nil for `remote`.
    let index: Int?

    /// What to serve; nil for `remote`.
    public var candidate: CandidateDescription? { index.map { catalogue.candidates[$0] } }
}

extension Selection.Reason: CustomStringConvertible {
    /// The reason in short.
    public var description: String {
        switch self {
        case .mostAccurate: "the most accurate of the family"
        case .moreAccurateRejected(let count, let rejection):
            "\(count) more accurate, of which the best: \(rejection)"
        case .noneFits(let rejection): "none fits; the most accurate: \(rejection)"
        case .noSuchModel: "no such model"
        }
    }
}

/// One candidate in one context: its figures, and whatever speaks against it.
public struct Assessment: Sendable {
    /// What was assessed.
    public let candidate: CandidateDescription
    /// What inference is predicted to take; nil if that is not known.
    public let inference: PredictedTime?
    /// What loading is predicted to take; nil if that is not known.
    public let load: PredictedTime?
    /// What the client has of it already.
    public let copy: ClientCopy
    /// Every rule that it breaks; none if it fits.
    public let rejections: [Rejection]
    /// The larger of inference and load, each as mean + k·σ and as a share of its deadline; 0 without
    /// deadlines, infinite if one cannot be predicted.
    public let strain: Double

    /// Whether it keeps everything that was asked for.
    public var fits: Bool { rejections.isEmpty }
}

/// A selection with every candidate that it was made from.
public struct Explanation: Sendable {
    /// The answer.
    public let selection: Selection
    /// The family's candidates, the most accurate first.
    public let assessments: [Assessment]
}
