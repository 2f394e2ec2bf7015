import Foundation
import OrderedJSON
import VariantStore

extension ProofRecord {
    /// What the proof says, for people.
    var sentence: String {
        switch self {
        case .notRun(let reason): "Proof: not run, \(reason)"
        case .run(let result):
            "Proof: shrunk equals masked \(result.extent), on \(result.inputsText)."
        }
    }

    /// Why the proof fails, as part of a sentence.
    var failure: String {
        guard case .run(let result) = self else { return "the proof was not run" }
        let place = result.worst.map { place in
            let index = place.index.map(String.init).joined(separator: ", ")
            return ", most at '\(place.layer)' [\(index)] of input \(place.input), which is "
                + "\(Measure.precise(place.shrunk)) instead of \(Measure.precise(place.masked))"
        }
        return "the shrunk network differs from the masked one by "
            + "\(Measure.scientific(result.relativeDifference)) of its output on \(result.inputsText)"
            + (place ?? "") + ", where \(Measure.scientific(result.tolerance)) is allowed"
    }

    /// For programs; the keys of the manifest.
    var json: JSON {
        switch self {
        case .notRun(let reason): return ["run": false, "reason": .string(reason)]
        case .run(let result):
            var json: JSON = ["run": true, "holds": .bool(result.holds)]
            switch result.source {
            case .random(let seed):
                json["source"] = "random"
                json["seed"] = .integer(Int(clamping: seed))
            case .data(let digest):
                json["source"] = "data"
                json["data-sha256"] = .string(digest)
            }
            json["inputs"] = .integer(result.inputs)
            json["largest-difference"] = result.largestDifference.map { .real($0) }
            json["relative-difference"] = .real(result.relativeDifference)
            json["tolerance"] = .real(result.tolerance)
            json["worst"] = result.worst?.json
            return json
        }
    }
}

extension ProofResult {
    /// How equal the networks are, in words.
    var extent: String {
        let difference = Measure.scientific(relativeDifference)
        // A bound is all that a manifest knows.
        if largestDifference == nil { return "within \(difference) of the output" }
        if relativeDifference == 0 { return "to the bit" }
        let allowance =
            tolerance > Proof.tolerance
            ? " (it magnifies rounding: \(Measure.scientific(tolerance)) is allowed)" : ""
        return "to \(difference) of the output" + allowance
    }

    /// What was tried, as `4 random inputs (seed 1)`.
    var inputsText: String {
        let count = inputs == 1 ? "1" : "\(inputs)"
        switch source {
        case .random(let seed):
            return "\(count) random \(inputs == 1 ? "input" : "inputs") (seed \(seed))"
        case .data: return "\(count) \(inputs == 1 ? "sample" : "samples") of the calibration data"
        }
    }
}

extension ProofResult.Place {
    fileprivate var json: JSON {
        [
            "layer": .string(layer), "input": .integer(input),
            "index": .array(index.map { .integer($0) }),
            "masked": masked.isFinite ? .real(masked) : .null,
            "shrunk": shrunk.isFinite ? .real(shrunk) : .null,
        ]
    }
}

extension Measure {
    /// A number with six significant digits.
    fileprivate static func precise(_ value: Double) -> String { String(format: "%.6g", value) }
}
