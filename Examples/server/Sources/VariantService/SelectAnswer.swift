import RuntimeAdapter

/// What `POST /select` answers: the keys of `docs/schemas/select.schema.json`, and where the file is.
struct SelectAnswer: Encodable {
    /// Something to serve, with its figures.
    struct Choice: Encodable {
        let reference: String
        let kind: String
        let digest: String
        let fileDigest: String
        /// On this server; nil for what it does not hand out.
        let url: String?
        let fileBytes: Int
        let peakMemoryBytes: Int
        let multiplyAdds: Int
        let accuracy: Double?
        let copy: String
        let inferenceMs: Double?
        let inferenceUpperMs: Double?
        let loadMs: Double?
        let loadUpperMs: Double?
        var fits: Bool?
        var rejections: [String]?

        enum CodingKeys: String, CodingKey {
            case reference, kind, digest, url, accuracy, copy, fits, rejections
            case fileDigest = "file-digest"
            case fileBytes = "file-bytes"
            case peakMemoryBytes = "peak-memory-bytes"
            case multiplyAdds = "multiply-adds"
            case inferenceMs = "inference-ms"
            case inferenceUpperMs = "inference-upper-ms"
            case loadMs = "load-ms"
            case loadUpperMs = "load-upper-ms"
        }
    }

    /// Something in the context that could not be used.
    struct Issue: Encodable {
        let key: String
        let problem: String
    }

    let step: String
    let reason: String
    let deviceClass: String
    let choice: Choice?
    /// Which side of a roll-out the client is on.
    let arm: String?
    let issues: [Issue]
    var candidates: [Choice]?

    enum CodingKeys: String, CodingKey {
        case step, reason, choice, arm, issues, candidates
        case deviceClass = "device-class"
    }

    /// The answer for a route, and with an explanation every candidate.
    init(_ route: Route, explanation: Explanation?) {
        let selection = route.selection
        step = selection.step.rawValue
        reason = "\(selection.reason)"
        deviceClass = selection.deviceClass.id
        choice = route.candidate.map {
            Choice(
                $0, copy: selection.copy, inference: selection.inference,
                load: selection.load)
        }
        arm = route.arm.map { "\($0)" }
        issues = selection.issues.map {
            Issue(key: $0.field.rawValue, problem: $0.description)
        }
        candidates = explanation?.assessments.map { assessment in
            var choice = Choice(
                assessment.candidate, copy: assessment.copy,
                inference: assessment.inference, load: assessment.load)
            choice.fits = assessment.fits
            choice.rejections = assessment.rejections.map(\.description)
            return choice
        }
    }
}

extension SelectAnswer.Choice {
    fileprivate init(
        _ candidate: CandidateDescription, copy: ClientCopy, inference: PredictedTime?,
        load: PredictedTime?
    ) {
        self.init(
            reference: candidate.reference, kind: candidate.kind.rawValue,
            digest: candidate.digest, fileDigest: candidate.fileDigest,
            url: candidate.trust == .accepted ? "/variants/\(candidate.fileDigest)" : nil,
            fileBytes: candidate.fileBytes, peakMemoryBytes: candidate.peakMemoryBytes,
            multiplyAdds: candidate.multiplyAdds, accuracy: candidate.accuracy,
            copy: copy.rawValue, inferenceMs: inference?.meanMs,
            inferenceUpperMs: inference?.upperMs, loadMs: load?.meanMs, loadUpperMs: load?.upperMs)
    }
}
