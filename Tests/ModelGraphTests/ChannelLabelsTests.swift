import ModelGraph
import Testing

@Suite struct ChannelLabelsTests {
    @Test func flattenRepeatsChannels() throws {
        let tensor = TensorChannels([3: [7, 8, 9]])
        let flat = try #require(tensor.reshaped(from: [nil, 2, 1, 3], to: [nil, 6]))
        #expect(flat.axes == [1: [7, 8, 9, 7, 8, 9]])
        let back = try #require(flat.reshaped(from: [nil, 6], to: [nil, 2, 1, 3]))
        #expect(back == tensor)
    }

    @Test func splittingChannelsKeepsThemWhere() throws {
        // A channel shuffle: 4 channels as 2 groups of 2. Neither axis alone carries the channels.
        let tensor = TensorChannels([2: [0, 1, 2, 3]])
        #expect(tensor.reshaped(from: [nil, 5, 4], to: [nil, 5, 2, 2]) == nil)
        // All four in pairs that go together can be cut along the outer axis.
        let pairs = TensorChannels([2: [0, 0, 1, 1]])
        #expect(
            pairs.reshaped(from: [nil, 5, 4], to: [nil, 5, 2, 2]) == TensorChannels([2: [0, 1]]))
    }

    @Test func spatialAxesMayBeRearranged() {
        let tensor = TensorChannels([3: [0, 1]])
        #expect(
            tensor.reshaped(from: [nil, 4, 6, 2], to: [nil, 24, 2]) == TensorChannels([2: [0, 1]]))
        // Sizes that nobody knows do not matter in front of axes that stay.
        #expect(
            tensor.reshaped(from: [nil, nil, 6, 2], to: [nil, nil, 2])
                == TensorChannels([2: [0, 1]]))
        #expect(tensor.reshaped(from: [nil, nil, 6, 2], to: [nil, nil]) == nil)
    }
}
