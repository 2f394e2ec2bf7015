import HDF5
package import ModelGraph
import OrderedJSON

extension KerasModel {
    /// Writes the model with another graph's weights and settings.
    ///
    /// The file appears under its name only when it is whole and on the disk. Optimizer state and compile
    /// information are left out. In a file of the kind that was read, whatever else that file has is
    /// carried unchanged.
    ///
    /// - Parameters:
    ///   - path: where.
    ///   - graph: this model's graph, perhaps with other weights; nil for the model as it was read.
    ///   - kind: nil for the kind that was read.
    ///   - compression: how weights are stored.
    ///   - overwrite: whether a file that is there is replaced; otherwise it is an error.
    /// - Throws: ``KerasError``; nothing of the file remains.
    package func write(
        to path: String, graph: ModelGraph? = nil, as kind: KerasFileKind? = nil,
        compression: KerasCompression = .none, overwrite: Bool = false
    ) throws(KerasError) {
        let file = try stage(
            for: path, graph: graph, as: kind, compression: compression, overwrite: overwrite)
        try file.commit()
    }

    /// Writes the model as ``write(to:graph:as:compression:overwrite:)`` does, but leaves it to the caller to
    /// give the file its name: to weigh it first, say.
    ///
    /// - Returns: the whole file; it disappears unless it is committed.
    package func stage(
        for path: String, graph: ModelGraph? = nil, as kind: KerasFileKind? = nil,
        compression: KerasCompression = .none, overwrite: Bool = false
    ) throws(KerasError) -> PendingFile {
        try KerasError.wrapping(path) {
            let graph = graph ?? self.graph
            try checkLayers(of: graph)
            let file = try PendingFile(for: path, overwrite: overwrite)
            let writer = KerasFileWriter(
                model: self, graph: graph, kind: kind ?? self.kind, compression: compression)
            do {
                try writer.write(to: file)
            } catch let error as HDF5Error where error.file.hasSuffix(PendingFile.suffix) {
                throw KerasError(
                    HDF5Error(
                        code: error.code, file: path, path: error.path, detail: error.detail))
            }
            return file
        }
    }

    /// Refuses a graph that is not this model's.
    func checkLayers(of graph: ModelGraph) throws(KerasError) {
        guard graph.layers.map(\.path) == self.graph.layers.map(\.path),
            graph.nodes.map(\.layer) == self.graph.nodes.map(\.layer)
        else {
            throw KerasError(
                .cannotStore, file: file, "the graph has other layers or calls than the file")
        }
    }
}
