package import ModelGraph

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
