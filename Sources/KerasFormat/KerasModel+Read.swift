import Glibc
import HDF5
import ModelGraph
import OrderedJSON

extension KerasModel {
    /// Reads a whole model for running it: `.h5` or `.keras` of Keras 2 or 3.
    ///
    /// - Parameter path: the file.
    /// - Throws: ``KerasError``, also for weights that are infinite or not a number.
    public static func load(path: String) throws(KerasError) -> KerasModel {
        let model = try read(path: path)
        try model.checkFinite()
        return model
    }

    /// Reads a model with its weights, in any of the kinds of ``KerasFileKind``, told by the content.
    ///
    /// Weights that stand in the file uncompressed are mapped, not read.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - topology: for a file of weights alone, the topology; otherwise it must be nil.
    /// - Throws: ``KerasError``.
    package static func read(
        path: String, topology: Topology? = nil
    ) throws(KerasError) -> KerasModel {
        try KerasError.wrapping(path) {
            let source = try KerasSource.open(path)
            if source.kind.hasTopology, topology != nil {
                throw KerasError(
                    .topology, file: path, "the file has a topology of its own; leave out the other"
                )
            }
            guard let topology = try topology ?? source.topology() else {
                throw KerasError(
                    .weightsAlone, file: path,
                    "the file holds weights alone; name its topology (the text of to_json(), or a "
                        + "model with the same topology)")
            }
            return try KerasModel(source: source, topology: topology)
        }
    }

    private init(source: KerasSource, topology: Topology) throws {
        let version = try source.kerasVersion()
        // Weights may have been saved by another Keras than their topology.
        let generation = topology.generation(version: source.kind.hasTopology ? version : nil)
        let parsed = try TopologyParser(file: topology.file).model(topology.document)
        var assembler = TopologyAssembler(
            file: topology.file, generation: generation)
        let (graph, scope) = try assembler.assemble(parsed)
        var binder: WeightBinder
        do {
            binder = try WeightBinder(source: source, graph: graph)
        } catch { throw KerasError(error, file: topology.file) }
        try binder.bindAll(scope: scope)
        self.graph = binder.graph
        self.topology = topology.document
        kind = source.kind
        self.generation = generation
        self.scope = scope
        self.source = source
        origins = binder.origins
        kerasVersion = version
        notes = try source.notes(topology: topology.document) + Self.notes(of: binder.graph)
    }

    private static func notes(of graph: ModelGraph) -> [KerasNote] {
        graph.layers.compactMap { layer in
            layer.definition is OpaqueLayer ? KerasNote(.unknownLayer, path: layer.name) : nil
        }
    }
}

extension WeightBinder {
    mutating func bindAll(scope: ModelScope) throws {
        switch source.kind {
        case .wholeModelH5, .legacyWeightsH5:
            try bind(try LegacyWeightsReader(source: source).groups(), scope: scope)
        case .weightsH5, .keras:
            try bind(
                WeightsReader(source: source), scope: scope, group: source.hdf5.root, path: "")
        }
        for (index, layer) in graph.layers.enumerated() where layer.weights.isEmpty {
            guard let missing = expected[index]?.first else { continue }
            throw failure(
                "the file has no weights for layer '\(layer.name)', which expects \(missing.role)",
                path: source.weightsPath)
        }
    }
}
