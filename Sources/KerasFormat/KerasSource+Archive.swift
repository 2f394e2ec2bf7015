import Archive
import HDF5
import OrderedJSON

extension KerasSource {
    static let configName = "config.json"
    static let metadataName = "metadata.json"
    static let weightsName = "model.weights.h5"

    /// Opens a `.keras` archive; weights that are stored unpacked stay where they lie.
    static func openArchive(_ mapping: MappedFile, file: String) throws -> KerasSource {
        let archive = try ArchiveReader(mapping.bytes, file: file)
        func entry(_ name: String) throws(KerasError) -> ArchiveReader.Entry {
            guard let entry = archive.entry(name) else {
                throw KerasError(
                    .notAModel, file: file, "this is a zip archive without '\(name)', so no model")
            }
            return entry
        }
        let config = try entry(configName)
        if archive.entry(weightsName) == nil, archive.entry("model.weights.npz") != nil {
            throw KerasError(
                .unsupported, file: file, path: "model.weights.npz",
                "weights in numpy's format are not supported; save with weights in HDF5")
        }
        let weights = try entry(weightsName)
        let (bytes, unpacked) = try archive.content(of: weights)
        let owner: any AnyObject & Sendable = unpacked ?? mapping as any AnyObject & Sendable
        let hdf5 = try HDF5File(
            imageAt: bytes, keeping: owner, name: "\(file), \(weightsName)")
        try refuseLinks(in: hdf5.root, file: file)
        guard config.size <= Topology.largestByteCount else {
            throw KerasError(.tooLarge, file: file, path: configName, "the topology is too large")
        }
        let attachments = try archive.entries.filter { $0.name != weightsName }.map { entry in
            ArchiveEntry(name: entry.name, content: Array(try archive.content(of: entry).bytes))
        }
        return KerasSource(
            file: file, kind: .keras, hdf5: hdf5, bytes: bytes, owner: owner, weightsPath: "",
            attachments: attachments)
    }

    /// The version in an archive's metadata.
    var archiveVersion: String? {
        guard let metadata = attachments.first(where: { $0.name == Self.metadataName }),
            let json = try? JSON(parsing: metadata.content)
        else { return nil }
        return json["keras_version"]?.string
    }
}
