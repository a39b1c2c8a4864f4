/** A thread that helps to search for primes, until the process ends. Started by prime-threads.ts. */
import { workerData } from 'node:worker_threads'
import { SharedSearch } from './prime-search.ts'

new SharedSearch(workerData as SharedArrayBuffer).help()
