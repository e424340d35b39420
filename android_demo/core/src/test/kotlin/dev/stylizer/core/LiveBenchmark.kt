package dev.stylizer.core

import dev.stylizer.core.geometry.Affine
import dev.stylizer.core.geometry.Border
import dev.stylizer.core.geometry.warp
import java.io.File
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.atomic.AtomicReference
import kotlin.math.sin

/**
 * Live drawing on this machine, as fast as it goes, for tools/benchmark_core.py: milliseconds by stage, frames a second.
 *
 * Arguments: a portrait of 512 x 512, frames, exaggeration. The golden folder holds the models.
 */
fun main(arguments: Array<String>) {
    val portrait = TestFiles.picture(File(arguments[0]))
    val count = arguments[1].toInt()
    val exaggeration = arguments[2].toFloat()
    val frames = List(30) { n -> // as a hand holds it
        val shift = Affine.IDENTITY.shifted(8 * sin(0.21 * n), 5 * sin(0.42 * n))
        Picture(512, 512).also { warp(portrait, shift, it, Border.REPLICATE) }
    }
    val done = AtomicInteger()
    val newest = AtomicReference<Report>()
    val listener = object : LivePipeline.Listener {
        override fun onFrame(drawn: Picture, report: Report) {
            newest.set(report)
            done.incrementAndGet()
        }

        override fun onError(message: String) = error(message)
    }
    LivePipeline(TestFiles.models, TestFiles.cpu, listener, Settings("sketch", 1f, exaggeration)).use { pipeline ->
        fun show(until: Int) {
            var n = 0
            while (done.get() < until) {
                if (!pipeline.offer(n / 30.0) { frames[n % frames.size].copyInto(it) }) Thread.sleep(1)
                n++
            }
        }
        show(count / 4) // the Java machine compiles what it runs often
        val begun = System.nanoTime()
        show(count + count / 4)
        val seconds = (System.nanoTime() - begun) / 1e9
        println(newest.get().stagesMs.entries.joinToString("\n") { (stage, ms) -> "%-20s %6.1f ms".format(stage, ms) })
        println("%-20s %6.1f a second".format("frames", count / seconds))
    }
}
