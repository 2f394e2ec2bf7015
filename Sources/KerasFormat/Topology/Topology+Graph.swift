package import ModelGraph

extension KerasModel {
    /// The topology of a graph that has this model's layers and calls, perhaps with other sizes.
    ///
    /// - Throws: ``KerasError`` with `cannotStore` if it has others.
    package func topology(of graph: ModelGraph) throws(KerasError) -> Topology {
        try KerasError.wrapping(file) {
            try checkLayers(of: graph)
            let document = try TopologyWriter(graph: graph).document(topology, scope: scope)
            return Topology(document: document, file: file)
        }
    }
}

extension Topology {
    /// The network that the topology describes, without weights.
    ///
    /// - Throws: ``KerasError`` naming the layer that is wrong.
    package func graph() throws(KerasError) -> ModelGraph {
        try KerasError.wrapping(file) {
            let parsed = try TopologyParser(file: file).model(document)
            var assembler = TopologyAssembler(file: file, generation: generation(version: nil))
            return try assembler.assemble(parsed).0
        }
    }
}
