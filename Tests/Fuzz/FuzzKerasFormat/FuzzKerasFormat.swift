// Arbitrary bytes as a topology: JSON, the layers in it, their shapes and channels.
//
// Anything may be refused, with words; nothing may crash or hang. What is accepted is written as JSON and
// read back to the same. Seeds: scripts/fuzz.sh FuzzKerasFormat 300

import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let bytes, count > 0 else { return 0 }
    let data = Data(bytes: bytes, count: count)
    do {
        let topology = try Topology(text: data, file: "t")
        precondition((try? JSON(parsing: topology.document.text())) == topology.document)
        let graph = try topology.graph()
        let shapes = try graph.inferShapes()
        // Labels are made channel by channel: what claims millions of them is not looked at further.
        let largest = shapes.nodes.joined().compactMap(\.sampleElementCount).max() ?? 0
        guard largest < 1 << 16, graph.nodes.count < 64 else { return 0 }
        let map = graph.channelMap(shapes: shapes)
        precondition(map.labelCount >= 0)
    } catch {
        precondition(!"\(error)".isEmpty)
    }
    return 0
}
