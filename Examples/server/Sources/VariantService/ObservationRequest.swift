import Foundation
import HTTPTypes
import RuntimeAdapter
import Serving

/// What `POST /observations` takes: how it went with a variant, in the context that it was selected for.
struct ObservationRequest: Decodable {
    let context: ClientContext
    /// Of artifact or file.
    let digest: String
    let loadMs: Double?
    let inferenceMs: Double?
    let failed: Bool?

    enum CodingKeys: String, CodingKey {
        case context, digest, failed
        case loadMs = "load-ms"
        case inferenceMs = "inference-ms"
    }

    /// Reads a body.
    ///
    /// - Throws: ``Problem`` with status 400.
    init(json bytes: some Collection<UInt8>) throws(Problem) {
        do { self = try JSONDecoder().decode(Self.self, from: Data(bytes)) } catch {
            throw Problem(
                .badRequest, "no-observation",
                "The body is no JSON of an observation: context, digest, load-ms, inference-ms, failed."
            )
        }
        guard digest.utf8.count <= 256 else {
            throw Problem(.badRequest, "no-observation", "The digest is too long.")
        }
    }
}

/// What `POST /observations` answers: what became of each time.
struct ObservationAnswer: Encodable {
    struct Outcome: Encodable {
        let outcome: String
        /// What it counts as, 1 for a full observation.
        var weight: Double?

        init(_ outcome: ObservationOutcome) {
            switch outcome {
            case .accepted(let weight): (self.outcome, self.weight) = ("accepted", weight)
            case .absurd: self.outcome = "absurd"
            case .tooOften: self.outcome = "too-often"
            case .unknownVariant: self.outcome = "unknown-variant"
            case .notComparable: self.outcome = "not-comparable"
            }
        }
    }

    let load: Outcome?
    let inference: Outcome?

    enum CodingKeys: String, CodingKey {
        case load = "load-ms"
        case inference = "inference-ms"
    }

    init(_ outcomes: [ObservedQuantity: ObservationOutcome]) {
        load = outcomes[.load].map(Outcome.init)
        inference = outcomes[.inference].map(Outcome.init)
    }
}
