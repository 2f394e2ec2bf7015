/// The words of the OCI image specification 1.1, of CNCF ModelPack, and Espalier's own.
package enum OCI {
    package static let layoutVersion = "1.0.0"
    package static let imageIndex = "application/vnd.oci.image.index.v1+json"
    package static let imageManifest = "application/vnd.oci.image.manifest.v1+json"
    package static let emptyConfig = "application/vnd.oci.empty.v1+json"
    package static let referenceName = "org.opencontainers.image.ref.name"

    package static let model = "application/vnd.cncf.model.manifest.v1+json"
    package static let modelConfig = "application/vnd.cncf.model.config.v1+json"
    package static let weights = "application/vnd.cncf.model.weight.v1.raw"
    package static let weightsConfig = "application/vnd.cncf.model.weight.config.v1.raw"
    package static let filePath = "org.cncf.model.filepath"

    package static let measurement = "application/vnd.espalier.measurement.v1+json"
    package static let signature = "application/vnd.espalier.signature.v1+json"
    package static let envelope = "application/vnd.dsse.envelope.v1+json"
}

/// The annotations by which other tools see what an artifact is; `docs/store.md` explains them.
package enum Annotation {
    package static let kind = "dev.espalier.kind"
    package static let model = "dev.espalier.model"
    package static let profile = "dev.espalier.profile"
    package static let base = "dev.espalier.base-sha256"
    package static let profileDigest = "dev.espalier.profile-sha256"
    package static let plan = "dev.espalier.plan-sha256"
    package static let calibration = "dev.espalier.calibration-sha256"
    package static let toolVersion = "dev.espalier.tool-version"
    package static let fileBytes = "dev.espalier.file-bytes"
    package static let parameters = "dev.espalier.parameters"
    package static let multiplyAdds = "dev.espalier.multiply-adds"
    package static let peakMemory = "dev.espalier.peak-memory-bytes"
    package static let accuracy = "dev.espalier.accuracy"
    package static let proofHolds = "dev.espalier.proof-holds"
    /// Of everything that decides what the variant is.
    package static let inputs = "dev.espalier.inputs"
    /// In an index: the manifest that a referring artifact speaks of.
    package static let subject = "dev.espalier.subject"
    /// In an index: the highest number ever used by lines that no longer have it, as JSON in a text.
    package static let highestVersions = "dev.espalier.highest-versions"
}
