import OrderedJSON

/// Sizes before and behind each spatial axis, as padding and cropping layers have them.
package struct SpatialMargins: Hashable, Sendable {
    package var before: [Int]
    package var after: [Int]
    package var format: DataFormat

    /// Number of spatial axes.
    package var rank: Int { before.count }

    package var channelAxis: Int { format.channelAxis(rank: rank + 2) }

    package var isEmpty: Bool { before.allSatisfy { $0 == 0 } && after.allSatisfy { $0 == 0 } }

    /// Reads one number for all, one for each axis, or a pair for each axis; in one dimension, a pair is
    /// before and behind.
    package init(_ configuration: LayerConfiguration, key: String) throws(GraphError) {
        let rank = Window.rank(of: configuration.className)
        format = try configuration.choice("data_format", default: DataFormat.channelsLast)
        (before, after) = ([], [])
        guard let stored = configuration.json[key], stored != .null else {
            before = Array(repeating: 1, count: rank)
            after = before
            return
        }
        let fault = configuration.failure(key, "sizes for \(rank) axes")
        func size(_ json: JSON?) throws(GraphError) -> Int {
            guard let size = json?.integer, (0...LayerConfiguration.largest).contains(size) else {
                throw fault
            }
            return size
        }
        if let all = stored.integer {
            before = Array(repeating: try size(.integer(all)), count: rank)
            after = before
        } else if let list = stored.array, rank == 1, list.count == 2 {
            (before, after) = ([try size(list[0])], [try size(list[1])])
        } else if let list = stored.array, list.count == rank {
            for element in list {
                if let pair = element.array {
                    guard pair.count == 2 else { throw fault }
                    before.append(try size(pair[0]))
                    after.append(try size(pair[1]))
                } else {
                    before.append(try size(element))
                    after.append(try size(element))
                }
            }
        } else {
            throw fault
        }
    }

    /// The input's shape with every known spatial size changed.
    func resizing(
        _ input: Shape, _ change: (_ length: Int, _ before: Int, _ after: Int) -> Int
    ) throws(GraphError) -> Shape {
        guard input.rank == rank + 2 else {
            throw GraphError(
                .shape, "takes a tensor of rank \(rank + 2), is given \(input.dimensionsText)")
        }
        var output = input
        for (index, axis) in format.spatialAxes(rank: rank + 2).enumerated() {
            output[axis] = input[axis].map { change($0, before[index], after[index]) }
        }
        return output
    }
}
