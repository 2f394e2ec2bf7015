package import ModelGraph

/// A model with what pruning has to know of it: shapes, which channels belong together, groups.
///
/// Made once per model; any number of plans can be carried out on it.
package struct PrunableModel: Sendable {
    package let graph: ModelGraph
    package let shapes: TensorShapes
    package let map: ChannelMap
    package let groups: ChannelGroups
    /// Layers whose channels and weights stay as they are.
    package let protected: [LayerPattern]
    /// Where what merging without data needs to know is kept for the next plan; nil if each plan finds it out, which takes less memory.
    package var keptMoments: KeptMoments?

    /// Analyses a model.
    ///
    /// - Parameters:
    ///   - protected: patterns for layers that stay as they are.
    ///   - minimum: units that stay in each channel group at least.
    /// - Throws: ``ModelGraph/GraphError`` naming the layer whose inputs do not fit.
    package init(
        _ graph: ModelGraph, protecting protected: [String] = [], minimum: Int = 1
    ) throws(GraphError) {
        self.graph = graph
        self.protected = protected.map { LayerPattern($0) }
        shapes = try graph.inferShapes()
        map = graph.channelMap(shapes: shapes)
        groups = ChannelGroups(
            of: graph, map: map, protecting: self.protected, minimum: minimum)
    }
}
