/// Which part of a store is verified.
package enum VerificationScope: Sendable, Equatable {
    /// Every version, base and artifact about one, and every blob, named or not.
    case all
    /// These, with all that they need.
    case versions([VariantVersion])
}

/// Something in a store that is not as it should be.
package struct VerificationFinding: Sendable, Equatable {
    package enum Fault: Sendable, Equatable {
        /// A blob that is named is not there.
        case missingBlob(BlobDigest)
        /// The content has another digest than the blob's name.
        case damagedBlob(BlobDigest, actual: BlobDigest)
        /// The content has another length, bytes, than the descriptor says.
        case wrongSize(BlobDigest, expected: Int, actual: Int)
        /// A link, pipe or folder in a blob's place, or a file that cannot be read.
        case unreadableBlob(BlobDigest, VariantStoreError)
        /// The OCI manifest cannot be understood, or is another kind of artifact.
        case damagedArtifact(VariantStoreError)
        /// The variant's manifest, or a measurement, cannot be understood.
        case damagedRecord(VariantStoreError)
        /// What other tools see contradicts the variant's manifest.
        case contradiction(key: String, expected: String, actual: String?)
        /// A tag names no version of its line.
        case danglingTag(String)
        /// Two entries have the same name.
        case repeatedName(String)
        /// The signatures are not what the policy wants.
        case signature(SignatureVerdict)
    }

    /// The version, base or tag, or the blob of a blob that nothing names.
    package let place: String
    package let fault: Fault

    package init(place: String, fault: Fault) {
        self.place = place
        self.fault = fault
    }
}

/// What a verification looked at and found.
package struct VerificationReport: Sendable, Equatable {
    package var findings: [VerificationFinding] = []
    package var versions = 0
    package var bases = 0
    /// Distinct ones whose content was digested.
    package var blobs = 0
    /// Of these.
    package var byteCount = 0
    /// Versions that a key of the policy has signed.
    package var signed = 0

    package var holds: Bool { findings.isEmpty }

    package init() {}
}
