import Contexts
import Foundation
import OrderedJSON
import VariantStore

/// A variant of a store with all that is known of it.
struct StoredVariant {
    /// A signature, as it describes itself.
    struct Signature {
        let digest: BlobDigest
        /// The keys that it claims to be of; nobody checked.
        let keyIDs: [String]
    }

    let version: VariantVersion
    let tags: [String]
    /// The OCI manifest.
    let artifact: ArtifactManifest
    let manifest: VariantManifest
    let measurements: [MeasurementRecord]
    /// Why there are no measurements though some are attached; nil if they could be read.
    let measurementFault: String?
    let signatures: [Signature]
    /// All artifacts that speak of it.
    let referrers: [BlobDescriptor]
    /// The base, as the store calls it; nil if the store does not have it under a name.
    let base: String?

    /// Reads all of it.
    ///
    /// - Throws: `VariantStoreError` if the store no longer has it whole.
    init(_ version: VariantVersion, in store: StoreDirectory) throws {
        let snapshot = try store.snapshot()
        self.version = version
        tags = snapshot.tags(of: version)
        let artifact = try store.artifact(version.digest)
        self.artifact = artifact
        manifest = try store.manifest(of: version)
        // One that a later version attached is no reason to show nothing.
        do throws(VariantStoreError) {
            measurements = try store.measurements(of: version)
            measurementFault = nil
        } catch {
            guard error.code == .damagedMeasurement else { throw error }
            measurements = []
            measurementFault = CommandFailure(error as any Error).message
        }
        signatures = try store.signatures(of: version.digest).map {
            let envelope = try? SignatureEnvelope(parsing: $0.envelope)
            return Signature(
                digest: $0.descriptor.digest,
                keyIDs: envelope?.signatures.compactMap(\.keyID) ?? [])
        }
        referrers = snapshot.referrers(of: version.digest)
        base = artifact.subject.flatMap { subject in
            snapshot.bases.first { $0.digest == subject.digest }?.text
        }
    }

    /// A channel group and how many of its units stay.
    struct Group: Equatable {
        let name: String
        let before: Int
        let after: Int
        /// The units that stay, as `0-12,14`.
        let units: String
    }

    /// The groups of the plan, in the order in which the network runs as far as it is known.
    var groups: [Group] {
        guard case .object(let members)? = manifest.plan["channel-groups"] else { return [] }
        var places: [String: Int] = [:]
        for (index, layer) in manifest.workload.layers.enumerated() {
            places[layer.name] = places[layer.name] ?? index
        }
        let groups = members.compactMap { name, group -> Group? in
            guard let size = group["size"]?.integer, let kept = group["kept"]?.integer,
                size >= 1, (0...size).contains(kept)
            else { return nil }
            return Group(name: name, before: size, after: kept, units: group["keep"]?.string ?? "")
        }
        return groups.sorted {
            let (one, other) = (places[$0.name] ?? .max, places[$1.name] ?? .max)
            return one != other ? one < other : $0.name < $1.name
        }
    }
}

extension MeasurementRecord.Machine {
    /// The machine in words.
    var title: String {
        "\(processor), \(cores) \(cores == 1 ? "core" : "cores"), \(Measure.bytes(memoryBytes))"
    }
}
