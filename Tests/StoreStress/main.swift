// Stress for the variant store, with processes that are killed and processes that compete.
//
//     StoreStress crash --kills 1000 --seed 1
//     StoreStress concurrency --writers 8 --readers 8 --publications 10000
//     StoreStress bench --variants 10000
//
// `--folder F` says where the store is made; `concurrency` and `bench` then leave it there, and `bench`
// takes one that is there.

import Foundation

let options = Options(CommandLine.arguments)
do {
    switch options.mode {
    case "crash": try crash(options)
    case "concurrency": try concurrency(options)
    case "bench": try bench(options)
    case "writer": try write(options)
    case "reader": try read(options)
    case "operation": try operate(options)
    default:
        say("usage: StoreStress crash|concurrency|bench [--key value]…")
        exit(64)
    }
} catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(1)
}
