import HDF5
import ModelGraph
import OrderedJSON

/// Gives the layers of a graph their weights.
struct WeightBinder {
    let source: KerasSource
    var graph: ModelGraph
    /// What each layer expects; nil where its class does not tell.
    let expected: [[WeightSpecification]?]
    /// For each weight, by layer and role, where in the HDF5 file it stands.
    private(set) var origins: [WeightOrigin.Key: WeightOrigin] = [:]

    init(source: KerasSource, graph: ModelGraph) throws(GraphError) {
        self.source = source
        self.graph = graph
        expected = try graph.expectedWeights(shapes: try KnownShapes(of: graph))
    }

    /// One of a file's weights and what it is.
    struct Match {
        var layer: Int
        var role: String
        var stored: StoredWeight
    }

    func failure(_ reason: String, path: String) -> KerasError {
        KerasError(.weights, file: source.file, path: path, reason)
    }

    mutating func bind(_ matches: [Match]) throws {
        for match in matches {
            let weight = try match.stored.load(role: match.role, from: source)
            graph.layers[match.layer].weights.append(weight)
            let key = WeightOrigin.Key(layer: graph.layers[match.layer].path, role: match.role)
            origins[key] = WeightOrigin(
                path: match.stored.path, elementType: match.stored.dataset.elementType,
                layout: match.stored.dataset.layout)
        }
    }

    /// Refuses a shape that the layer does not expect.
    func check(_ match: Match, _ specification: WeightSpecification?) throws(KerasError) {
        guard let specification, specification.shape != match.stored.dataset.shape else { return }
        throw failure(
            "layer '\(graph.layers[match.layer].name)' expects \(specification.role) of shape "
                + "\(specification.shape), the file has \(match.stored.dataset.shape)",
            path: match.stored.path)
    }
}

/// Where in its file a weight stood, and how.
struct WeightOrigin: Hashable, Sendable {
    struct Key: Hashable, Sendable {
        var layer: [String]
        var role: String
    }

    /// The dataset's path inside the HDF5 file.
    var path: String
    var elementType: HDF5ElementType
    var layout: HDF5Layout
}
