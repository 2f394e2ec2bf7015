import OrderedJSON
import VariantStore

/// What `prune verify` tells.
struct VerificationReport {
    let verification: Verification
    let seconds: Double

    private var manifest: VariantManifest { verification.manifest }
    private var holds: Bool { verification.failures.isEmpty }

    /// For people.
    var lines: [String] {
        var lines = [
            "\(verification.variant), pruned from \(manifest.base.file.name) for \(manifest.profile.name) "
                + "by \(manifest.tool.name) \(manifest.tool.version)", "",
        ]
        for check in verification.checks {
            let mark = check.holds.map { $0 ? "✓" : "✗" } ?? "–"
            lines.append("  \(mark) \(check.finding)")
        }
        let verdict = holds ? "Holds" : "Does not hold"
        lines += ["", "\(verdict); checked in \(Measure.seconds(seconds))."]
        return lines
    }

    /// For programs.
    var json: JSON {
        var json: JSON = [
            "variant": .string(verification.variant),
            "manifest": .string(verification.manifestPath),
            "base": .string(verification.base),
            "profile": .string(manifest.profile.name),
            "holds": .bool(holds),
            "checks": .array(
                verification.checks.map { check in
                    [
                        "check": .string(check.subject.rawValue),
                        "holds": check.holds.map { .bool($0) } ?? .null,
                        "finding": .string(check.finding),
                    ]
                }),
            "recorded-proof": manifest.proof.json,
        ]
        if let proof = verification.proof { json["proof"] = proof.json }
        json["seconds"] = .real(seconds)
        return json
    }
}
