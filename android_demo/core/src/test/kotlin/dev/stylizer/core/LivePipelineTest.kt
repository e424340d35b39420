package dev.stylizer.core

import java.lang.management.ManagementFactory
import java.nio.ByteBuffer
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Semaphore
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test

private const val SIDE = 32

/** Networks of the right shapes that find no face and draw the photo's negative; counts those that are open. */
private class FakeRunners(
    val onOpen: (Accelerator) -> Unit = {}, val onDraw: (Accelerator) -> Unit = {},
) : RunnerFactory {
    val open = AtomicInteger()
    val opened = AtomicInteger()
    val models = object : ModelStore {
        override val styles = listOf("one", "two")
        override fun style(name: String, accelerator: Accelerator) = TestFiles.models.style("sketch", accelerator)
        override fun faceBoxes(): ByteBuffer = ByteBuffer.allocateDirect(1)
        override fun faceMesh(): ByteBuffer = ByteBuffer.allocateDirect(2)
    }

    override fun open(model: ByteBuffer, accelerator: Accelerator, threads: Int): Runner {
        val kind = model.capacity()
        if (kind > 2) onOpen(accelerator)
        open.incrementAndGet()
        opened.incrementAndGet()
        return object : Runner {
            private val owner = Thread.currentThread()
            override val accelerator = accelerator
            override val inputs = when (kind) {
                1 -> listOf(floats("image", 1, 128, 128, 3))
                2 -> listOf(floats("image", 1, 192, 192, 3))
                else -> listOf(floats("grain", 1, SIDE / 2, SIDE / 2, 4), floats("image", 1, SIDE, SIDE, 3))
            }
            override val outputs = when (kind) {
                1 -> listOf(floats("boxes", 1, 896, 16), floats("scores", 1, 896, 1))
                2 -> listOf(floats("points", 1, 1, 1, 1404), floats("score", 1, 1, 1, 1))
                else -> listOf(floats("drawing", 1, SIDE, SIDE, 3))
            }

            override fun run(inputs: List<ByteBuffer>, outputs: List<ByteBuffer>) {
                check(Thread.currentThread() === owner) { "run on another thread" }
                if (kind > 2) {
                    onDraw(accelerator)
                    val from = inputs[1].duplicate().order(inputs[1].order()).asFloatBuffer()
                    val into = outputs[0].duplicate().order(outputs[0].order()).asFloatBuffer()
                    while (from.hasRemaining()) into.put((1 - from.get()) / 2)
                } else {
                    val scores = outputs[1].duplicate().order(outputs[1].order()).asFloatBuffer()
                    while (scores.hasRemaining()) scores.put(-10f)
                }
            }

            override fun close() {
                check(Thread.currentThread() === owner) { "closed on another thread" }
                open.decrementAndGet()
            }
        }
    }

    private fun floats(name: String, vararg shape: Int) = TensorInfo(name, shape.toList(), ElementType.FLOAT32, 0f, 0)
}

private class Seen(val block: (Picture) -> Unit = {}) : LivePipeline.Listener {
    val greys = ArrayList<Int>()
    val reports = ArrayList<Report>()
    val errors = ArrayList<String>()
    val count = Semaphore(0)

    override fun onFrame(drawn: Picture, report: Report) {
        block(drawn)
        synchronized(this) {
            greys += red(drawn.pixels[0])
            reports += report
        }
        count.release()
    }

    override fun onError(message: String) {
        synchronized(this) { errors += message }
        count.release()
    }

    fun await(frames: Int) = assertTrue("no frame came", count.tryAcquire(frames, 20, TimeUnit.SECONDS))
}

class LivePipelineTest {
    private fun LivePipeline.show(n: Int): Boolean = offer(n / 30.0) { it.pixels.fill(rgb(n, n, n)) }

    private fun pipeline(runners: FakeRunners, seen: Seen) =
        LivePipeline(runners.models, runners, seen, Settings("one"), SIDE)

    @Test(timeout = 60_000)
    fun `the newest frame is drawn, and what came before is dropped`() {
        val entered = Semaphore(0)
        val go = Semaphore(0)
        val runners = FakeRunners(onDraw = { entered.release(); go.acquire() })
        val seen = Seen()
        pipeline(runners, seen).use { pipeline ->
            assertTrue(pipeline.show(1))
            entered.acquire() // the first is in work, the rest arrive meanwhile
            for (n in 2..60) {
                pipeline.show(n)
                Thread.sleep(2)
            }
            Thread.sleep(100)
            go.release(100)
            seen.await(2)
        }
        assertEquals(255 - 1, seen.greys[0])
        assertEquals("the newest of 60", 255 - 60, seen.greys.last())
        assertTrue("${seen.greys.size} of 60 were drawn", seen.greys.size <= 4)
        assertEquals(0, runners.open.get())
    }

    @Test(timeout = 60_000)
    fun `a GPU that refuses to open is replaced by the CPU, and the screen is told`() {
        val runners = FakeRunners(onOpen = {
            if (it == Accelerator.GPU) throw UnsupportedOperationException("no OpenCL")
        })
        val seen = Seen()
        pipeline(runners, seen).use { pipeline ->
            pipeline.show(7)
            seen.await(1)
        }
        assertEquals(Accelerator.CPU, seen.reports[0].accelerator)
        assertEquals("no OpenCL", seen.reports[0].fallback)
        assertTrue(seen.errors.isEmpty())
        assertEquals(0, runners.open.get())
    }

    @Test(timeout = 60_000)
    fun `a GPU that fails at work is replaced by the CPU`() {
        val runs = AtomicInteger()
        val runners = FakeRunners(onDraw = {
            if (it == Accelerator.GPU && runs.incrementAndGet() == 3) throw RuntimeException("context lost")
        })
        val seen = Seen()
        pipeline(runners, seen).use { pipeline ->
            for (n in 1..2) {
                pipeline.show(n)
                seen.await(1)
            }
            pipeline.show(3) // lost
            Thread.sleep(200)
            pipeline.show(4)
            seen.await(1)
        }
        assertEquals(listOf(Accelerator.GPU, Accelerator.GPU, Accelerator.CPU), seen.reports.map { it.accelerator })
        assertNull(seen.reports[0].fallback)
        assertEquals("context lost", seen.reports[2].fallback)
        assertEquals(0, runners.open.get())
    }

    @Test(timeout = 60_000)
    fun `if the CPU fails too, it says so and goes on`() {
        val broken = AtomicInteger(1)
        val runners = FakeRunners(onDraw = { if (broken.get() == 1) throw RuntimeException("out of memory") })
        val seen = Seen()
        pipeline(runners, seen).use { pipeline ->
            pipeline.show(1) // the GPU fails, silently
            Thread.sleep(200)
            pipeline.show(2)
            seen.await(1)
            assertEquals(listOf("out of memory"), seen.errors)
            broken.set(0)
            pipeline.show(3)
            seen.await(1)
        }
        assertEquals(listOf(255 - 3), seen.greys)
    }

    @Test(timeout = 60_000)
    fun `a thousand frames leak nothing and allocate next to nothing`() {
        val runners = FakeRunners()
        var drawing = 0L
        val seen = Seen { drawing = Thread.currentThread().id }
        val counter = ManagementFactory.getThreadMXBean() as com.sun.management.ThreadMXBean
        var before = 0L
        val after: Long
        val threads = Thread.activeCount()
        pipeline(runners, seen).use { pipeline ->
            for (n in 1..1000) {
                while (!pipeline.show(n % 200)) Thread.sleep(1)
                seen.await(1)
                if (n == 200) before = counter.getThreadAllocatedBytes(drawing)
            }
            after = counter.getThreadAllocatedBytes(drawing)
        }
        assertEquals(1000, seen.greys.size)
        assertEquals("networks still open", 0, runners.open.get())
        assertEquals("networks opened", 3, runners.opened.get())
        assertEquals("threads", threads, Thread.activeCount())
        val each = (after - before) / 800
        println("live: $each bytes allocated a frame by the drawing thread, test included")
        assertTrue("$each bytes a frame", each < 4096) // a picture alone would be 4 KB here, 1 MB on a phone
    }

    @Test(timeout = 60_000)
    fun `another style is taken up at the next frame, and the one before is closed`() {
        val runners = FakeRunners()
        val seen = Seen()
        pipeline(runners, seen).use { pipeline ->
            pipeline.show(1)
            seen.await(1)
            pipeline.settings = Settings("two", strength = 0f)
            pipeline.show(2)
            seen.await(1)
            assertEquals(3, runners.open.get())
        }
        assertEquals(listOf(254, 2), seen.greys)
    }

    @Test(timeout = 60_000)
    fun `closing waits for the frame in work, and is fast when idle`() {
        val entered = CountDownLatch(1)
        val go = CountDownLatch(1)
        val seen = Seen()
        val pipeline = pipeline(FakeRunners(onDraw = { entered.countDown(); go.await() }), seen)
        pipeline.show(1)
        entered.await()
        val closing = Thread { pipeline.close() }.apply { start() }
        closing.join(200)
        assertTrue("closed under a frame in work", closing.isAlive)
        go.countDown()
        closing.join(10_000)
        assertFalse(closing.isAlive)
        assertFalse("takes frames after its end", pipeline.show(2))
        repeat(20) { pipeline(FakeRunners(), Seen()).close() }
    }

    @Test(timeout = 60_000)
    fun `a model that cannot be read is one sentence`() {
        val seen = Seen()
        val runners = FakeRunners()
        val models = object : ModelStore by runners.models {
            override fun style(name: String, accelerator: Accelerator): ByteBuffer = ByteBuffer.allocateDirect(100)
        }
        LivePipeline(models, runners, seen, Settings("one"), SIDE).use { pipeline ->
            pipeline.show(1)
            seen.await(1)
        }
        assertEquals(listOf("no .tflite file"), seen.errors)
    }
}
