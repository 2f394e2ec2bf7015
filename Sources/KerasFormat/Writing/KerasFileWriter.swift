import Archive
import CDeflate
import Glibc
import HDF5
import ModelGraph
import OrderedJSON

/// Writes one file of a model.
struct KerasFileWriter {
    let model: KerasModel
    let graph: ModelGraph
    let kind: KerasFileKind
    let compression: KerasCompression

    /// Weights start at multiples of 64 bytes, so that a reader can use them where they lie.
    static let creationOptions = HDF5CreationOptions(format: .version110, alignment: 64)

    func write(to file: PendingFile) throws {
        guard kind == .keras else {
            let hdf5 = try HDF5File(creating: file.path, options: Self.creationOptions)
            let places = try layOut(hdf5, document: try document())
            try WeightStream.write(places, to: file)
            return
        }
        try writeArchive(file)
    }

    // MARK: Content

    /// The topology document of the file.
    func document() throws -> JSON {
        let document = try TopologyWriter(graph: graph).document(
            model.topology, scope: model.scope)
        switch kind {
        case .keras:
            var document = TopologyStyle.newer(document, generation: model.generation)
            document["compile_config"] = nil
            return document
        case .wholeModelH5:
            let older = model.kind == .wholeModelH5 ? document : TopologyStyle.older(document)
            return model.generation == .three ? TopologyStyle.locatingOperations(older) : older
        case .legacyWeightsH5, .weightsH5: return document
        }
    }

    /// Fills an HDF5 file, but for the weights that are stored as they are, and closes it.
    ///
    /// - Returns: where the bytes of those weights belong.
    func layOut(_ hdf5: HDF5File, document: JSON) throws -> [WeightStream.Place] {
        let sink = try addContent(to: hdf5, document: document)
        let places = try sink.finish()
        try hdf5.close()
        return places
    }

    /// Adds groups, attributes and datasets.
    ///
    /// - Parameter measures: whether weights only leave their size, for ``WeightSink/measure()``.
    func addContent(
        to hdf5: HDF5File, document: JSON, measures: Bool = false
    ) throws -> WeightSink {
        var sink = WeightSink(compression: compression, measures: measures)
        if Self.layout(of: kind) == Self.layout(of: model.kind) {
            var copier = try HDF5Copier(model: model, graph: graph, sink: sink)
            try copier.copy(to: hdf5, document: document)
            return copier.sink
        }
        switch kind {
        case .wholeModelH5: try legacyWriter.write(document: document, to: hdf5.root, sink: &sink)
        case .legacyWeightsH5: try legacyWriter.writeWeights(to: hdf5.root, sink: &sink)
        case .weightsH5, .keras:
            try WeightsWriter(graph: graph, generation: model.generation, file: model.file)
                .write(model.scope, name: graph.name, to: hdf5.root, sink: &sink)
        }
        return sink
    }

    private var legacyWriter: LegacyWeightsWriter {
        LegacyWeightsWriter(
            graph: graph, scope: model.scope, generation: model.generation,
            kerasVersion: kerasVersion, file: model.file)
    }

    private var kerasVersion: String {
        model.kerasVersion ?? (model.generation == .three ? "3.0.0" : "2.0.0")
    }

    /// Kinds of the same number have the same groups.
    private static func layout(of kind: KerasFileKind) -> Int {
        switch kind {
        case .wholeModelH5: 0
        case .legacyWeightsH5: 1
        case .weightsH5, .keras: 2
        }
    }

    // MARK: Archives

    private func writeArchive(_ file: PendingFile) throws {
        let document = try document()
        // The HDF5 file without its weights: its size and places are known before the archive is begun.
        let skeleton = try PendingFile(for: file.destination, overwrite: true)
        defer { skeleton.remove() }
        let hdf5 = try HDF5File(creating: skeleton.path, options: Self.creationOptions)
        let places = try layOut(hdf5, document: document)
        let mapping = try MappedFile(skeleton.path)

        var archive = try ArchiveWriter(file)
        defer { archive.close() }
        for entry in attachments(document: document) {
            try entry.content.withUnsafeBytes { try archive.add(entry.name, $0) }
        }
        let start = archive.begin(KerasSource.weightsName, size: mapping.bytes.count)
        try copy(mapping.bytes, around: places, to: archive, at: start)
        try WeightStream.write(
            places.map { WeightStream.Place(weight: $0.weight, offset: start + $0.offset) },
            to: file)
        try archive.end(try checksum(of: file, from: start, count: mapping.bytes.count))
        try archive.finish()
    }

    /// Copies what is not a weight.
    private func copy(
        _ bytes: UnsafeRawBufferPointer, around places: [WeightStream.Place],
        to archive: ArchiveWriter, at start: Int
    ) throws {
        var position = 0
        for place in places.sorted(by: { $0.offset < $1.offset }) {
            try archive.write(
                UnsafeRawBufferPointer(rebasing: bytes[position..<place.offset]),
                at: start + position)
            position = place.offset + place.weight.byteCount
        }
        try archive.write(
            UnsafeRawBufferPointer(rebasing: bytes[position...]), at: start + position)
    }

    private func checksum(of file: PendingFile, from start: Int, count: Int) throws -> UInt32 {
        let mapping = try MappedFile(file.path)
        guard mapping.bytes.count >= start + count else { throw file.ioFailure(EIO) }
        let bytes = UnsafeRawBufferPointer(rebasing: mapping.bytes[start..<start + count])
        return UInt32(libdeflate_crc32(0, bytes.baseAddress, bytes.count))
    }

    /// All entries but the weights.
    func attachments(document: JSON) -> [ArchiveEntry] {
        var entries = model.source.attachments
        if entries.isEmpty {
            let metadata: JSON = [
                // No date: two runs on the same inputs give the same bytes.
                "keras_version": .string(kerasVersion), "date_saved": "1980-01-01@00:00:00",
            ]
            entries = [
                ArchiveEntry(
                    name: KerasSource.metadataName, content: Array(metadata.text().utf8)),
                ArchiveEntry(name: KerasSource.configName, content: []),
            ]
        }
        let text = Array(document.text().utf8)
        for index in entries.indices where entries[index].name == KerasSource.configName {
            entries[index].content = text
        }
        return entries
    }
}
