import HDF5
package import ModelGraph
import OrderedJSON

extension KerasModel {
    /// How large the file would be, without writing it.
    ///
    /// Weights are compressed as for writing, so this takes about as long; the rest is laid out in memory.
    ///
    /// - Returns: bytes; exact but for gaps that HDF5 may leave (below 1 ‰ and a few KiB).
    /// - Throws: ``KerasError``.
    package func byteCount(
        of graph: ModelGraph? = nil, as kind: KerasFileKind? = nil,
        compression: KerasCompression = .none
    ) throws(KerasError) -> Int {
        try KerasError.wrapping(file) {
            let graph = graph ?? self.graph
            try checkLayers(of: graph)
            return try KerasFileWriter(
                model: self, graph: graph, kind: kind ?? self.kind, compression: compression
            ).byteCount()
        }
    }
}

extension KerasFileWriter {
    /// The size of the file that would be written.
    func byteCount() throws -> Int {
        let document = try document()
        let hdf5 = try HDF5File(creatingInMemory: "size", options: Self.creationOptions)
        let sink = try addContent(to: hdf5, document: document, measures: true)
        let weights = try sink.measure()
        let size = try hdf5.image().count + weights
        try hdf5.close()
        guard kind == .keras else { return size }
        var end = 0
        var directory = 0
        for (name, count) in attachments(document: document).map({ ($0.name, $0.content.count) })
            + [(KerasSource.weightsName, size)]
        {
            end = ArchiveWriter.contentStart(of: name, size: count, at: end) + count
            directory += 46 + name.utf8.count
        }
        return end + directory + 22
    }
}
