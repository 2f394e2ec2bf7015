import Contexts
import Foundation
package import VariantStore

/// Why bytes are no manifest of a variant.
public struct ManifestError: Error, Sendable, Hashable {
    /// What is wrong.
    public enum Code: Sendable, Hashable {
        /// Something else.
        case notAManifest
        /// Of a later schema than this library reads.
        case tooNew
        /// Of a schema that is not read any more.
        case tooOld
        /// Cut short, or it contradicts itself.
        case damaged
        /// What should hold it cannot be read.
        case unreadable
    }

    /// What is wrong.
    public let code: Code
    /// What the manifest was called.
    public let reference: String
    /// What is wrong in detail, for logs.
    public let detail: String

    package init(_ error: VariantStoreError, reference: String) {
        code =
            switch error.code {
            case .notAManifest: .notAManifest
            case .tooNew: .tooNew
            case .tooOld: .tooOld
            case .damaged, .damagedArtifact, .damagedBlob, .tooLarge: .damaged
            default: .unreadable
            }
        self.reference = reference
        detail = error.key.isEmpty ? "\(error.code)" : "\(error.key) \(error.detail)"
    }
}

extension CandidateDescription {
    /// A variant as its manifest describes it.
    ///
    /// - Parameters:
    ///   - manifest: the stored form, as it stands beside the variant's file.
    ///   - digest: of the artifact, `sha256:` and 64 digits.
    /// - Throws: ``ManifestError``.
    public init(
        manifest: some Collection<UInt8>, model: String, reference: String, digest: String,
        trust: Trust = .accepted
    ) throws(ManifestError) {
        do throws(VariantStoreError) {
            self.init(
                try VariantManifest(parsing: Data(manifest), file: reference), model: model,
                reference: reference, digest: digest, trust: trust)
        } catch { throw ManifestError(error, reference: reference) }
    }

    package init(
        _ manifest: VariantManifest, model: String, reference: String, digest: String,
        trust: Trust = .accepted
    ) {
        let workload = manifest.workload
        self.init(
            model: model, reference: reference, digest: digest,
            fileDigest: "sha256:" + manifest.variant.sha256,
            fileBytes: manifest.variant.byteCount, decodedBytes: workload.parameterBytes,
            peakMemoryBytes: CostModel.peakMemoryBytes(of: workload),
            multiplyAdds: manifest.variant.multiplyAdds, accuracy: manifest.accuracy?.after,
            trust: trust, workload: workload)
    }

    /// The base as the manifest of one of its variants describes it.
    ///
    /// A manifest has no workload of the base. Its inference takes as much longer than the variant's as
    /// the planner predicted for the profile's own device, or, without one, as it has more multiply-adds.
    package init(
        baseOf manifest: VariantManifest, model: String, reference: String, digest: String,
        trust: Trust = .accepted
    ) {
        let (before, after) = (manifest.costs.before, manifest.costs.after)
        let file = manifest.base.file
        let workload = manifest.workload
        // The bytes of a parameter do not change.
        let bytesPerParameter =
            workload.parameterCount > 0
            ? Double(workload.parameterBytes) / Double(workload.parameterCount) : 4
        let ratio: Double
        if let slow = before.inferenceMs, let fast = after.inferenceMs, slow > 0, fast > 0 {
            ratio = slow / fast
        } else {
            ratio =
                Double(max(1, file.multiplyAdds)) / Double(max(1, manifest.variant.multiplyAdds))
        }
        self.init(
            model: model, reference: reference, kind: .base, digest: digest,
            fileDigest: "sha256:" + file.sha256, fileBytes: file.byteCount,
            decodedBytes: Int(saturating: Double(file.parameters) * bytesPerParameter),
            peakMemoryBytes: before.peakMemoryBytes, multiplyAdds: file.multiplyAdds,
            accuracy: manifest.accuracy?.before, trust: trust, workload: workload,
            workloadRatio: ratio)
    }
}

extension Int {
    /// The nearest integer; 0 for what is no number.
    init(saturating value: Double) {
        self = value.isNaN ? 0 : value >= 0x1p62 ? 1 << 62 : value <= 0 ? 0 : Int(value)
    }
}
